import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";

interface Format {
  /** The fields as group 1, at the very beginning of the text. */
  block: RegExp;
  parse: (source: string) => unknown;
}

/** What static site generators read: YAML between `---`, Hugo's TOML between `+++` and its JSON object. */
const FORMATS: readonly Format[] = [
  {
    block: /^\n*---[ \t]*\n((?:[^\n]*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|$)/,
    parse: (source) => parseYaml(source, { logLevel: "error" }),
  },
  { block: /^\n*\+\+\+[ \t]*\n((?:[^\n]*\n)*?)\+\+\+[ \t]*(?:\n|$)/, parse: parseToml },
  { block: /^\n*(\{[ \t]*\n(?:[^\n]*\n)*?\})[ \t]*(?:\n|$)/, parse: JSON.parse },
];

/** Fields line by line, for those that do not parse: `title: A: B` is no YAML, but written often. */
const LINES = /^(?=[A-Za-z#])(?:(?:[A-Za-z][\w-]*[ \t]*[:=](?:[ \t].*)?|[ \t].*|-[ \t].*|#.*|)\n)+$/;
const TITLE_LINE = /^title[ \t]*[:=][ \t]*(["']?)(.*?)\1[ \t]*$/im;

/**
 * Splits a Markdown text into the fields of its front matter and the rest. What is neither a mapping nor looks like the
 * lines of one is text.
 */
export function splitFrontMatter(source: string): { fields: { title?: unknown }; text: string } {
  for (const { block, parse } of FORMATS) {
    const [whole, inside = ""] = block.exec(source) ?? [];
    if (whole === undefined) continue;
    const fields = mappingOf(inside, parse) ?? linesOf(inside);
    if (fields) return { fields, text: source.slice(whole.length) };
  }
  return { fields: {}, text: source };
}

function mappingOf(source: string, parse: Format["parse"]): object | undefined {
  try {
    const fields = parse(source);
    if (fields === null && source.trim() === "") return {};
    return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}

function linesOf(source: string): { title?: string } | undefined {
  if (!LINES.test(source)) return undefined;
  const [, , title] = TITLE_LINE.exec(source) ?? [];
  return title === undefined ? {} : { title };
}
