import { parse } from "yaml";
import { blocksOf } from "#rag/markdown.ts";
import { type Content, titleOf } from "./content.ts";

/** YAML between two `---` lines at the very beginning, as static site generators use it. */
const FRONT_MATTER = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;

/** The text without its front matter; the title is the front matter's, or else the first heading. */
export function readMarkdown(source: string): Content {
  const [whole = "", yaml = ""] = FRONT_MATTER.exec(source) ?? [];
  const fields = fieldsOf(yaml);
  const text = fields ? source.slice(whole.length) : source;
  const heading = blocksOf(text).find((block) => block.kind === "heading");
  return { text, ...titleOf(fields?.title, heading?.title) };
}

/** `undefined` when the YAML is not a mapping: it is then part of the text. */
function fieldsOf(yaml: string): { title?: unknown } | undefined {
  try {
    const fields: unknown = parse(yaml, { logLevel: "error" });
    return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}
