import { parse } from "yaml";
import { blocksOf } from "#rag/markdown.ts";
import { type Content, titleOf } from "./content.ts";

/** YAML between two lines of three hyphens at the very beginning, as site generators have it. */
const FRONT_MATTER = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;

/** The text without its front matter; the title is the one given there, else the first heading. */
export function readMarkdown(source: string): Content {
  const [whole = "", yaml = ""] = FRONT_MATTER.exec(source) ?? [];
  const fields = fieldsOf(yaml);
  const text = fields ? source.slice(whole.length) : source;
  const heading = blocksOf(text).find((block) => block.kind === "heading");
  return { text, ...titleOf(fields?.title, heading?.title) };
}

/** `undefined` for what is no map of fields: then it is part of the text. */
function fieldsOf(yaml: string): { title?: unknown } | undefined {
  try {
    const fields: unknown = parse(yaml, { logLevel: "error" });
    return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}
