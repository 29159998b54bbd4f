import fc from "fast-check";
import { expect, it } from "vitest";
import { readHtml } from "#bulk/readers/html.ts";

const INLINE = [
  "span",
  "b",
  "i",
  "em",
  "strong",
  "u",
  "s",
  "small",
  "code",
  "kbd",
  "var",
  "font",
  "x-mark",
  "abbr",
  "label",
  "q",
  "sup",
  "sub",
  "a",
];
const BLOCK = [
  "div",
  "p",
  "section",
  "blockquote",
  "center",
  "fieldset",
  "form",
  "figure",
  "h1",
  "h2",
  "h5",
  "x-card",
  "address",
  "pre",
  "details",
];
const NESTED: Readonly<Record<string, string>> = {
  ul: "li",
  ol: "li",
  dl: "dd",
  table: "tr><td",
  figure: "figcaption",
  details: "summary",
};

let count = 0;
const word = fc.constant(null).map(() => {
  count += 1;
  return `word${count}x`;
});

/** Elements in elements around words, each of which stands once in the page. */
const { tree } = fc.letrec<{ tree: string; node: string }>((tie) => ({
  tree: fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((nodes) => nodes.join(" ")),
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    word,
    fc.tuple(fc.constantFrom(...INLINE, ...BLOCK), tie("tree")).map(([tag, inner]) => `<${tag}>${inner}</${tag}>`),
    fc
      .tuple(fc.constantFrom(...Object.entries(NESTED)), tie("tree"), tie("tree"))
      .map(([[outer, inner], a, b]) => `<${outer}><${inner}>${a}</${inner.split("><").at(-1)}>${b}</${outer}>`),
    // Unclosed, and closed in the wrong order.
    fc.tuple(fc.constantFrom(...INLINE, ...BLOCK), tie("tree")).map(([tag, inner]) => `<${tag}>${inner}`),
    tie("tree").map((inner) => `<b><i>${inner}</b></i>`),
  ),
}));

const wordsOf = (text: string) => text.match(/word\d+x/g) ?? [];

it("no word of a page is lost, however its elements are nested", () => {
  fc.assert(
    fc.property(tree, (html) => {
      const { text } = readHtml(`<body>${html}`);
      const words = new Set(wordsOf(text));
      expect(wordsOf(html).filter((one) => !words.has(one))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

const FURNITURE = [
  "main",
  "article",
  "nav",
  "header",
  "footer",
  "aside",
  "button",
  "dialog",
  "a href=x",
  "noscript",
  "div hidden",
  "div class=toc",
  'div style="display:none"',
];

it("what is missing of a page is counted", () => {
  const around = fc
    .tuple(fc.constantFrom(...FURNITURE), tree, tree)
    .map(([tag, inner, after]) => `<${tag}>${inner}</${tag.split(" ")[0]}> ${after}`);
  fc.assert(
    fc.property(fc.array(around, { minLength: 1, maxLength: 3 }), (parts) => {
      const html = parts.join(" ");
      const { text, leftOut = [] } = readHtml(`<body>${html}`);
      const words = new Set(wordsOf(text));
      const missing = wordsOf(html).filter((one) => !words.has(one));
      const counted = leftOut.reduce((sum, { characters }) => sum + characters, 0);
      expect(counted).toBeGreaterThanOrEqual(missing.join("").length);
    }),
    { numRuns: 150 },
  );
});
