import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { debianPackage } from "./debian.ts";
import { MAX_LENGTH, type Pair } from "./pairs.ts";

/** Every third page: enough, and the alphabet whole. */
const STEP = 3;
/** Requests of roff about layout, and comments. */
const LAYOUT = /^[.']\\"|^\.(?:in|RS|RE|nf|fi|EX|EE|ad|hy|if|ie|el|TS|TE|sp|PD|ta|nh|ft)\b/;

/** The manual pages of system calls and of the C library in version 6.03. */
export function manualPagesIn(root: string): Pair[] {
  const files = debianPackage("manpages-dev=6.03-2", root);
  return globSync("usr/share/man/man[23]/*.gz", { cwd: files })
    .sort()
    .flatMap((file) => pageOf(basename(file, ".gz"), gunzipSync(readFileSync(join(files, file))).toString()))
    .filter((_, index) => index % STEP === 0);
}

/** The text of a page's section DESCRIPTION, and its purpose from the section NAME; nothing for an alias of a page. */
export function pageOf(id: string, roff: string): Pair[] {
  const purpose = /^\.SH NAME\n[\s\S]*? \\- (.+)$/m.exec(roff)?.[1];
  const [, description] = roff.split(/^\.SH DESCRIPTION\n/m);
  if (purpose === undefined || description === undefined) return [];
  const [text = ""] = description.split(/^\.SH /m);
  return [{ document: { id, text: plainText(text).slice(0, MAX_LENGTH) }, question: withoutEscapes(purpose) }];
}

function plainText(roff: string): string {
  return roff
    .split("\n")
    .filter((line) => !LAYOUT.test(line))
    .map((line) => withoutEscapes(line.startsWith(".") ? wordsOf(line) : line))
    .join("\n")
    .trim();
}

/** The words of a request: those with alternating fonts, such as .BR, stand without spaces between them. */
function wordsOf(request: string): string {
  const [, name = "", rest = ""] = /^\.\s*(\w+) ?(.*)$/.exec(request) ?? [];
  if (/^(?:PP|LP|P|IP|TP|TQ|SS|br)$/.test(name)) return `\n${rest}`;
  const words = rest.match(/"[^"]*"|\S+/g) ?? [];
  return words.map((word) => word.replaceAll('"', "")).join(name.length === 2 ? "" : " ");
}

function withoutEscapes(text: string): string {
  return text
    .replace(/\\f(?:\[\w*\]|\(\w\w|\w)/g, "")
    .replace(/\\\([aco]q/g, "'")
    .replace(/\\\(\w\w|\\[&|^/,%]/g, "")
    .replaceAll("\\-", "-")
    .replaceAll("\\e", "\\");
}
