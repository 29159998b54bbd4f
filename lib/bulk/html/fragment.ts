import { markdownOf } from "./markdown.ts";
import { element, elementsIn, isElement, isHeading, textOf } from "./nodes.ts";
import { parseHtml } from "./parse.ts";
import { prepare } from "./prepare.ts";

export interface Fragment {
  /** Markdown. */
  text: string;
  headings: { level: number; text: string }[];
}

/** HTML that another format was converted to, all of it content, as Markdown. */
export function readFragment(html: string): Fragment {
  const page = parseHtml(html);
  const body = [...elementsIn(page)].find((node) => isElement(node, "body")) ?? element("body", []);
  prepare(body);
  const headings = [...elementsIn(body)]
    .filter(isHeading)
    .map((node) => ({ level: Number(node.tagName.slice(1)), text: textOf(node) }));
  return { text: markdownOf(body), headings };
}

/** Text as HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
