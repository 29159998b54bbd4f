import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMarkdown } from "#bulk/readers/markdown.ts";

const textOf = (source: string) => readMarkdown(source).text.trim();
const titleOf = (source: string) => readMarkdown(source).title;

describe("the title of a Markdown file", () => {
  it.each([
    ["without badges", "# quokka [![build](https://ci.example/b.svg)](https://ci.example/q)\n\nA cache.", "quokka"],
    ["without link targets and emphasis", "# [Quokka](https://q.example) `v2` **manual**", "Quokka v2 manual"],
    ["without an id", "# Install {#install}", "Install"],
    ["with the signs of its name", "# C#", "C#"],
    ["with escaped signs", "# Style guide for C\\# and \\*.md", "Style guide for C# and *.md"],
    ["in HTML", '<h1 align="center">\n  Quokka <em>Cache</em>\n</h1>\n\n## Contributing', "Quokka Cache"],
    ["in HTML with an image, by what the image shows", '<h1><img src="l.svg" alt="Quokka"></h1>\n\n## Usage', "Quokka"],
    ["after other headings", "## Contents\n\n- a\n\n# Quokka", "Quokka"],
    ["of a lower level, if the text begins with it", "## Quokka\n\nA cache.", "Quokka"],
    ["underlined", "*Quokka* cache\n==============\n", "Quokka cache"],
    ["in YAML", "---\ntitle: '**On** bees'\n---\n# Bees", "On bees"],
    ["in front matter that is no YAML", "---\ntitle: Bees: a guide\ntags:\n  - a\n---\n# Bees", "Bees: a guide"],
    ["in TOML", '+++\ntitle = "On bees"\ndate = 2025-11-02\ntags = ["a"]\n+++\n\n# Bees', "On bees"],
    ["in JSON", '{\n  "title": "On bees",\n  "tags": { "a": 1 }\n}\n\n# Bees', "On bees"],
  ])("is plain text: %s", (_what, source, title) => {
    expect(titleOf(source)).toBe(title);
  });

  it("is none when the first heading is that of a section", () => {
    expect(titleOf("A logo.\n\n## Install\n\nRun it.\n\n## Use")).toBeUndefined();
  });
});

describe("the text of a Markdown file has no", () => {
  it.each([
    ["front matter in TOML", "+++\nweight = 40\n+++\n\nRun it.", "Run it."],
    ["front matter in YAML that ends with dots", "---\nweight: 40\n...\nRun it.", "Run it."],
    ["empty front matter", "---\n---\nRun it.", "Run it."],
    ["front matter in JSON", '{\n"weight": 40\n}\nRun it.', "Run it."],
    [
      "definitions of links",
      'See [the docs][d] and [d].\n\n[d]: https://d.example "Docs"',
      "See [the docs](https://d.example) and [d](https://d.example).",
    ],
    [
      "definitions of badges",
      "[![npm][i]][l]\n\n[i]: a.svg\n[l]: https://n.example",
      "[![npm](a.svg)](https://n.example)",
    ],
    ["comments as definitions", "A\n\n[//]: # (hidden)\n\nB", "A\n\nB"],
    [
      "marks of footnotes",
      "Bees dance.[^1] They sing.\n\n[^1]: In the dark.",
      "Bees dance. They sing.\n\nIn the dark.",
    ],
    [
      "marks of an encyclopedia",
      "It opened in 1932.[12] It is 503 m long[2] and wide.[3][4] Old[citation needed] too.",
      "It opened in 1932. It is 503 m long and wide. Old too.",
    ],
    ["brackets of addresses", "Ask <a@b.example> or <https://c.example/d>.", "Ask a@b.example or https://c.example/d."],
    [
      "directives of boxes",
      ":::tip[Be quick]\nRun.\n:::\n\n!!! note\n    Walk.\n\n> [!WARNING]\n> Stop.",
      "**Be quick**\n\nRun.\n\n**Note**\n\n    Walk.\n\n> **Warning**\n>\n> Stop.",
    ],
    [
      "tags of templates",
      "{% include a.html %}\n\nA {{< ref >}}B{{% /x %}} {{ kept }}\n{: .no_toc}\n\n[[toc]]",
      "A B {{ kept }}",
    ],
  ])("%s", (_what, source, text) => {
    expect(textOf(source)).toBe(text);
  });
});

it.each([
  ["front matter that is none", "+++\nnot toml at all\n+++\nText."],
  ["a list between lines", "---\n- a\n---\nText."],
  ["JSON that is the text", '{\n  "a": \n}\nText.'],
  ["an index", "Take A[0] and items[2] of list [1]."],
  ["a mark that no footnote belongs to", "A[^x] b."],
  ["a check box and a link without a definition", "- [ ] todo [later][never]"],
  ["what looks like any of this, in code", "```md\n[d]: https://d.example\n:::tip\n{% x %}\n```\n\n`[^1]` and `<br>`"],
])("leaves %s as it is", (_what, source) => {
  expect(textOf(source)).toBe(source);
});

it("reads what a reader sees of MDX", () => {
  const source =
    'import Tabs from "@theme/Tabs";\nimport {\n  A,\n} from "./a";\n\nexport const meta = {\n  x: 1,\n};\n\n# Start {/* hidden */}\n\n' +
    '<Tabs onChange={(x) => go(x)}>\n<TabItem value="npm" label="With npm">\n\nRun `npm i`.{" "}Now.\n\n</TabItem>\n</Tabs>\n\nWe import from and export to all.\n';
  expect(readMarkdown(source, { isMdx: true })).toEqual({
    title: "Start",
    text: "# Start\n\n**With npm**\n\nRun `npm i`. Now.\n\nWe import from and export to all.\n",
  });
});

it("keeps every word of prose, whatever marks are around it", () => {
  const marks = fc.constantFrom(
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "`",
    "*",
    "_",
    "!",
    "#",
    "\n",
    "\n\n",
    "|",
    ":",
    "[^1]",
    "<b>",
    "<br>",
    "</p>",
    "{",
    "}",
    "&amp;",
    "\\",
  );
  const word = fc.integer({ min: 1000, max: 9999 }).map((number) => ` word${number} `);
  fc.assert(
    fc.property(fc.array(fc.oneof(marks, word), { maxLength: 40 }), (parts) => {
      const source = `Text ${parts.join("")}`;
      // Text may become the address of a link or part of a tag: neither is prose.
      fc.pre(!/\]\(|\]:|<[^>]*word/.test(source.replace(/\s+/g, "")));
      const found = readMarkdown(source).text.match(/word\d{4}/g) ?? [];
      expect(found).toEqual(source.match(/word\d{4}/g) ?? []);
    }),
    { numRuns: 500 },
  );
});
