import { describe, expect, it } from "vitest";
import type { MarkdownNode } from "#console/markdown/nodes.ts";
import { readMarkdown } from "#console/markdown/read-markdown.ts";
import { markRanges, visibleText } from "#console/page/shell/markdown/visible-text.ts";

function marked(nodes: readonly MarkdownNode[]): string[] {
  return nodes.flatMap((node) =>
    node.type === "text" ? [] : node.type === "mark" ? [visibleText([node])] : marked(node.children),
  );
}

const MARKDOWN = "# A\n\nb **c** `d`\n\n- e\n- f\n\n|g|h|\n|-|-|\n|i|j|\n\n```\nk\nl\n```";

describe("visibleText", () => {
  it("has a line for each paragraph, item and row, and nothing of the markup", () => {
    expect(visibleText(readMarkdown(MARKDOWN))).toBe("A\nb c d\ne\nf\ng\th\t\ni\tj\t\nk\nl\n");
  });
});

describe("markRanges", () => {
  it("marks each word of the visible text where it stands", () => {
    const nodes = readMarkdown(MARKDOWN);
    const text = visibleText(nodes);
    for (const word of "Abcdefghijkl") {
      const start = text.indexOf(word);
      expect(marked(markRanges(nodes, [{ start, end: start + 1 }]))).toEqual([word]);
    }
  });

  it("marks a range that spans markup piece by piece, and keeps the visible text", () => {
    const nodes = readMarkdown(MARKDOWN);
    const text = visibleText(nodes);
    const result = markRanges(nodes, [{ start: text.indexOf("b"), end: text.indexOf("e") + 1 }]);
    expect(marked(result)).toEqual(["b ", "c", " ", "d", "e"]);
    expect(visibleText(result)).toBe(text);
  });
});
