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

/** Splits a Markdown text into the fields of its front matter and the rest. What does not parse as a mapping is text. */
export function splitFrontMatter(source: string): { fields: { title?: unknown }; text: string } {
  for (const { block, parse } of FORMATS) {
    const [whole, inside = ""] = block.exec(source) ?? [];
    if (whole === undefined) continue;
    const fields = mappingOf(inside, parse);
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
