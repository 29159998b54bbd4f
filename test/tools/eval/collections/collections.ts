import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readMarkdown } from "#bulk/readers/markdown.ts";
import type { Dataset } from "../dataset.ts";
import { faqIn } from "./faq.ts";
import { manualPagesIn } from "./manual-pages.ts";
import { MAX_LENGTH, type Pair, plain, toDataset } from "./pairs.ts";

/** Packages of one scope resemble each other. */
const MAX_OF_SCOPE = 10;
/** Packages whose functions have comments. */
const SOURCES = [
  "*mdast*/**/*.js",
  "*hast*/**/*.js",
  "micromark*/**/*.js",
  "knip/dist/**/*.js",
  "serverless/lib/**/*.js",
];
/** A comment in JSDoc's form and the function below it, up to the brace that closes it at the start of a line. */
const FUNCTION = /\/\*\*\n((?: \*.*\n)+?) \*\/\n((?:export )?(?:async )?function\*? (\w+)[\s\S]*?\n\}\n)/g;

/**
 * Collections of other kinds than the documentation. Two are made from the installed packages, whose versions the lockfile
 * fixes, two from packages of Debian 12, which are downloaded the first time:
 * - `npm-code`: functions without their comments, asked for with the first sentence of the comment;
 * - `npm-packages`: READMEs, asked for with the description in package.json;
 * - `debian-faq`: the answers of Debian's FAQ, asked for with its questions;
 * - `manual-pages`: descriptions of C functions, asked for with their purpose in one line.
 *
 * Each takes the root of the repository, and throws an Error in one line when something cannot be downloaded.
 */
export const COLLECTIONS: Readonly<Record<string, (root: string) => Dataset>> = {
  "npm-code": (root) => toDataset(functionsIn(join(root, "node_modules"))),
  "npm-packages": (root) => toDataset(packagesIn(join(root, "node_modules"))),
  "debian-faq": (root) => toDataset(faqIn(root)),
  "manual-pages": (root) => toDataset(manualPagesIn(root)),
};

function* functionsIn(modules: string): Generator<Pair> {
  for (const path of globSync(SOURCES, { cwd: modules }).sort()) {
    const source = readFileSync(join(modules, path), "utf8");
    for (const [, comment = "", code = "", name = ""] of source.matchAll(FUNCTION)) {
      const text = comment.replace(/^ \* ?/gm, "");
      const [first = ""] = text.split(/\n\s*\n|(?<=\.)\s|\n@/);
      yield { document: { id: `${path}#${name}`, text: code }, question: first.replace(/\s+/g, " ").trim() };
    }
  }
}

function* packagesIn(modules: string): Generator<Pair> {
  const scopes = new Map<string, number>();
  for (const path of globSync(["*/package.json", "@*/*/package.json"], { cwd: modules }).sort()) {
    const { description = "", name = "" } = JSON.parse(readFileSync(join(modules, path), "utf8")) as Record<
      string,
      string
    >;
    const [readme] = globSync("[Rr][Ee][Aa][Dd][Mm][Ee].md", { cwd: join(modules, dirname(path)) });
    const [scope = ""] = name.includes("/") ? name.split("/") : [name];
    scopes.set(scope, (scopes.get(scope) ?? 0) + 1);
    if (!readme || !description || (scopes.get(scope) ?? 0) > MAX_OF_SCOPE) continue;
    const { text } = readMarkdown(readFileSync(join(modules, dirname(path), readme), "utf8"));
    const lines = text.split("\n").filter((line) => !plain(line).includes(plain(description)));
    yield { document: { id: name, text: lines.join("\n").slice(0, MAX_LENGTH) }, question: description };
  }
}
