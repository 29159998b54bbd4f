import { element, type MarkdownElement, type MarkdownNode } from "#console/markdown/nodes.ts";
import { type Range, splitAt } from "../../shell/markdown/visible-text.ts";

const CODE_INDENT = "    ";
const ITEM = /^ *(?:-|(\d+)[.)]) /;
const SPAN = /`([^`\n]+)`/g;

interface Line {
  text: string;
  /** Where it begins in the answer. */
  offset: number;
}

/**
 * Reads an answer that is made of quotations: passages with a blank line between them, each under a line with the path of
 * its headings, then lines, items with a dash or a number, and code indented by four spaces. Only code between backticks is
 * marked up.
 *
 * @param highlights ranges of the answer, ascending
 */
export function readQuotations(answer: string, highlights: readonly Range[]): MarkdownNode[] {
  let offset = 0;
  return answer.split("\n\n").flatMap((passage) => {
    const lines = passage.split("\n").map((text) => {
      const line = { text, offset };
      offset += text.length + 1;
      return line;
    });
    offset += 1;
    return passageOf(lines, highlights);
  });
}

function passageOf(lines: readonly Line[], highlights: readonly Range[]): MarkdownNode[] {
  const nodes: MarkdownElement[] = [];
  for (const [at, line] of lines.entries()) {
    const last = nodes.at(-1);
    const item = ITEM.exec(line.text);
    if (at === 0 && lines.length > 1 && !item) {
      nodes.push(element("path", inlinesOf(line, [])));
    } else if (item) {
      const start = item[1] === undefined ? {} : { start: Number(item[1]) };
      const list = last?.type === "list" && "start" in last === "start" in start ? last : undefined;
      if (!list) nodes.push({ ...element("list", []), ...start });
      const text = { text: line.text.slice(item[0].length), offset: line.offset + item[0].length };
      nodes.at(-1)?.children.push(element("item", inlinesOf(text, highlights)));
    } else if (line.text.startsWith(CODE_INDENT)) {
      const code = { text: line.text.slice(CODE_INDENT.length), offset: line.offset + CODE_INDENT.length };
      if (last?.type !== "codeblock") nodes.push(element("codeblock", []));
      else last.children.push({ type: "text", text: "\n" });
      nodes.at(-1)?.children.push(...splitAt(code.text, code.offset, highlights, "highlight"));
    } else {
      nodes.push(element("paragraph", inlinesOf(line, highlights)));
    }
  }
  return nodes;
}

function inlinesOf({ text, offset }: Line, highlights: readonly Range[]): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  let at = 0;
  const pushText = (end: number) => nodes.push(...splitAt(text.slice(at, end), offset + at, highlights, "highlight"));
  for (const { 0: span, 1: code = "", index } of text.matchAll(SPAN)) {
    pushText(index);
    nodes.push(element("code", splitAt(code, offset + index + 1, highlights, "highlight")));
    at = index + span.length;
  }
  pushText(text.length);
  return nodes;
}
