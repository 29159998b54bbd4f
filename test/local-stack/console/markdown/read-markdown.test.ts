import { describe, expect, it } from "vitest";
import type { MarkdownNode } from "#console/markdown/nodes.ts";
import { readMarkdown } from "#console/markdown/read-markdown.ts";
import { visibleText } from "#console/page/shell/markdown/visible-text.ts";

/** As "paragraph(a strong(b))": types and texts. */
function outline(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => {
      if (node.type === "text") return node.text;
      const { type, children, href, level, start, isHeader } = node;
      const details = [href, level, start, isHeader].filter((detail) => detail !== undefined).join();
      return `${type}${details && `:${details}`}(${outline(children)})`;
    })
    .join("");
}

const outlineOf = (markdown: string) => outline(readMarkdown(markdown));

function depthOf(nodes: readonly MarkdownNode[]): number {
  return Math.max(0, ...nodes.map((node) => (node.type === "text" ? 1 : 1 + depthOf(node.children))));
}

describe("readMarkdown", () => {
  it("reads what technical text has", () => {
    expect(outlineOf("a **b** _c_ ~~d~~ `e`\nf")).toBe("paragraph(a strong(b) em(c) del(d) code(e)break()f)");
    expect(outlineOf("- a\n- [x] b\n\n3. c")).toBe("list(item(a)item(☑ b))list:3(item(c))");
    expect(outlineOf("> q\n\n---\n\n```ts\na <b>\n```")).toBe("quote(paragraph(q))rule()codeblock(a <b>)");
    expect(outlineOf("|a|b|\n|-|-|\n|1|`2`|")).toBe(
      "table(row(cell:true(a)cell:true(b))row(cell:false(1)cell:false(code(2))))",
    );
  });

  it("nests headings without skipping a level, whatever levels the text has", () => {
    expect(outlineOf("## a\n#### b\n### c\n# d")).toBe("heading:1(a)heading:2(b)heading:2(c)heading:1(d)");
  });

  it("shows HTML and comments as text", () => {
    const hostile = "<script>alert(1)</script>\n\na <img src=x onerror=alert(1)> b <!-- c -->\n\n<!-- d -->";
    expect(visibleText(readMarkdown(hostile)).split("\n").filter(Boolean)).toEqual([
      "<script>alert(1)</script>",
      "a <img src=x onerror=alert(1)> b <!-- c -->",
      "<!-- d -->",
    ]);
    expect(outlineOf(hostile)).not.toMatch(/image|link/);
  });

  it.each([
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](data:text/html,x)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a](//example.com)",
    "[a](other.md)",
    "[a](#/documents)",
    "<javascript:alert(1)>",
    "[a][b]\n\n[b]: javascript:alert(1)",
  ])("makes no link of %s", (markdown) => {
    expect(outlineOf(markdown)).not.toContain("link");
  });

  it("links addresses of the web and of mail", () => {
    expect(outlineOf("[a](https://x.example/?b=1&amp;c=2) <https://y.example> [d](mailto:e@z.example)")).toBe(
      "paragraph(link:https://x.example/?b=1&c=2(a) link:https://y.example(https://y.example) link:mailto:e@z.example(d))",
    );
  });

  it("loads no image: shows its description and address", () => {
    expect(outlineOf("![a *b*](data:image/png;base64,AAAA) ![](https://x.example/y.png)")).toBe(
      "paragraph(image(a em(b) (data:image/png;base64,AAAA)) image( (https://x.example/y.png)))",
    );
  });

  it("decodes character references once, and none in code", () => {
    expect(visibleText(readMarkdown("&lt;b&gt; &amp;lt; &#x3C; &#60; &copy; &nope; `&lt;` \\&lt;"))).toBe(
      "<b> &lt; < < © &nope; &lt; &lt;\n",
    );
  });

  it.each([
    ["quotes in a line", ">".repeat(5_000)],
    ["lists in a line", "- ".repeat(5_000)],
    ["numbers in a line", "1. ".repeat(5_000)],
    ["lists line by line", Array.from({ length: 300 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n")],
    ["emphasis", `${"*a **b ".repeat(300)}${"** *".repeat(300)}`],
    ["links", `${"[".repeat(2_000)}a${"](https://x.example)".repeat(2_000)}`],
  ])("bounds the depth of %s", (_, markdown) => {
    expect(depthOf(readMarkdown(markdown))).toBeLessThan(80);
  });

  it.each(["[", "_a_", "*a ", "`", "<", "![", "a_b", "|", "<!-- ", "    a\n", "> a\n", "word\n\n", "_a_ b\n\n"])(
    "reads a megabyte of %j, of which nothing gets lost",
    { timeout: 20_000 },
    (piece) => {
      const letters = (text: string) => text.replace(/[^a-z]/g, "").length;
      const markdown = piece.repeat(Math.ceil(1_000_000 / piece.length));
      expect(letters(visibleText(readMarkdown(markdown)))).toBe(letters(markdown));
    },
  );
});
