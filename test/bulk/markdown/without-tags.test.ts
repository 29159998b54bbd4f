import { describe, expect, it } from "vitest";
import { withoutTags } from "#bulk/markdown/without-tags.ts";

const shown = (markdown: string) => withoutTags(markdown).trim();

describe("HTML in Markdown becomes what it shows:", () => {
  it.each([
    [
      "a question that unfolds",
      "<details><summary>How often?</summary><br/>\n\n<!-- 30? -->\nEvery 45 s.<br>Press <kbd>F5</kbd>.\n\n</details>",
      "**How often?**\n\nEvery 45 s.\nPress F5.",
    ],
    [
      "paragraphs and links",
      '<p align="center">\n  <a href="https://d.example">Docs</a> &bull; <strong>Guide</strong>\n</p>\n\nText',
      "[Docs](https://d.example) • Guide\n\nText",
    ],
    [
      "images that say something",
      '<img alt="A map" src=m.png><img src="dot.gif"><img alt="x" src="data:a">',
      "![A map](m.png)![x]()",
    ],
    [
      "a table",
      "<table><tr><th>Name<th>Days<tr><td>A|B</td><td><b>30</b><br>or 31</td></tr></table>",
      "| Name | Days |\n| --- | --- |\n| A\\|B | 30 or 31 |",
    ],
    ["code in a table", "<table><tr><td>\n\n```js\na();\nb();\n```\n\n</td></tr></table>", "| `a(); b();` |"],
    ["lists", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>", "- one\n- two"],
    ["preformatted text", "<pre><code>a &lt; <b>b</b>\n  c\n</code></pre>", "```\na < b\n  c\n```"],
    [
      "line breaks, in a row of a table as spaces",
      "| a<br>b | <ul><li>c</li></ul> |\n\nd<br>\ne<br><br>f",
      "| a b | • c |\n\nd\ne\n\nf",
    ],
    [
      "raised and lowered letters",
      "10<sup>6</sup> m<sup>2</sup> H<sub>2</sub>O x<sup>a/b</sup> 1<sup>st</sup>",
      "10⁶ m² H₂O x^(a/b) 1st",
    ],
    [
      "components with a title",
      '<Card title="Install">\nRun it.\n</Card>\n<Badge type="tip" />',
      "**Install**\n\nRun it.",
    ],
    ["character references", "A&nbsp;B &amp; &#169; &#x41; &unknown; &lt;b&gt;", "A B & © A &unknown; `<b>`"],
  ])("%s", (_what, markdown, text) => {
    expect(shown(markdown)).toBe(text);
  });

  it("no scripts, styles, comments and instructions", () => {
    expect(shown("<style>p {}</style>a<!-- b\n\nc -->d<script>e()</script><?php f ?><!doctype html>")).toBe("ad");
  });
});

it.each([
  ["placeholders and types", "Replace <your-name>, List<String> and Map<K, V>; a < b > c"],
  ["code", "`<br>` and\n\n```html\n<p>&amp;</p>\n```\n\n~~~\n<b>\n~~~"],
  ["a comment that does not end", "a <!-- b\n\nc"],
])("leaves %s", (_what, markdown) => {
  expect(withoutTags(markdown)).toBe(markdown);
});

it("takes linear time", () => {
  for (const part of [
    "<",
    "<a ",
    "<!--",
    "<pre>",
    "<style>",
    "<h1>",
    "<table>",
    "`",
    "``a",
    '<p title="',
    " <p> ",
    "\n",
    "</a",
  ]) {
    expect(withoutTags(`<b>x</b>${part.repeat(300_000 / part.length)}`)).toContain("x");
  }
});
