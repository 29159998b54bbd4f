import { describe, expect, it } from "vitest";
import type { MarkdownNode } from "#console/markdown/nodes.ts";
import { readQuotations } from "#console/page/ask/answer/quotation.ts";

function outline(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => (node.type === "text" ? node.text : `${node.type}${node.start ?? ""}(${outline(node.children)})`))
    .join(" ");
}

const ANSWER = [
  "API › Deleting",
  "`GET /embed` lists what is stored. Remove with `DELETE`: [1]",
  "    curl -s \\",
  "      -X DELETE",
  "",
  "Steps",
  "1. One *star*",
  "2. Two",
  "- Three <b> [2]",
].join("\n");

describe("readQuotations", () => {
  it("reads paths, lines, code and items, and takes nothing else for markup", () => {
    expect(outline(readQuotations(ANSWER, []))).toBe(
      "path(API › Deleting) " +
        "paragraph(code(GET /embed)  lists what is stored. Remove with  code(DELETE) : [1]) " +
        "codeblock(curl -s \\ \n   -X DELETE) " +
        "path(Steps) list1(item(One *star*) item(Two)) list(item(Three <b> [2]))",
    );
  });

  it("highlights ranges of the answer, in code too", () => {
    const highlights = ["`DELETE`", "-X DELETE", "Two"].map((text) => {
      const start = ANSWER.indexOf(text);
      return { start, end: start + text.length };
    });
    expect(outline(readQuotations(ANSWER, highlights)).match(/highlight\([^)]*\)/g)).toEqual([
      "highlight(DELETE)",
      "highlight(-X DELETE)",
      "highlight(Two)",
    ]);
  });
});
