import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { type ChunkerOptions, createChunker as create } from "#rag/chunk.ts";

function createChunker(options: ChunkerOptions) {
  const chunker = create(options);
  return { ...chunker, chunk: (text: string) => [...chunker.chunk(text)] };
}

/** One token per word, so that sizes in the tests are easy to count. */
const countWords = (text: string) => text.match(/\S+/g)?.length ?? 0;
const small = createChunker({ countTokens: countWords, maxTokens: 8 });

/** Whether the chunks, without lines of a table or a fence that they repeat, are the text. */
function covers(text: string, chunks: readonly string[]): boolean {
  const [chunk, ...others] = chunks;
  if (chunk === undefined) return text === "";
  const lines = chunk.split("\n");
  return [0, 1, 2].some((repeated) =>
    [0, 1].some((closing) => {
      const part = withoutSpace(lines.slice(repeated, lines.length - closing).join("\n"));
      return part !== "" && text.startsWith(part) && covers(text.slice(part.length), others);
    }),
  );
}

const withoutSpace = (text: string) => text.replace(/\s+/g, "");

/** Texts of distinct words, "w0 w1. w2\n\nw3 …", so that each position in a text can be recognised. */
const numbered = fc
  .array(fc.constantFrom(" ", ". ", "? ", "\n", "\n\n"), { maxLength: 80 })
  .map((separators) => separators.map((separator, index) => `${separator}w${index}`).join(""));

/** A text with a fence or a table. */
const FRAMED = /```|~~~|\|/;

const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        "a",
        " ",
        "\n",
        "#",
        "`",
        "```",
        "\n~~~",
        "-",
        "=",
        "中",
        "👩‍👩‍👧",
        "é",
        ". ",
        "|",
        "\n|a|\n|-|\n",
      ),
      {
        maxLength: 200,
      },
    )
    .map((parts) => parts.join("")),
);

describe("a chunker", () => {
  it("drops only white space, repeats only tables' headers and fences, and keeps the order of any text", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, maxTokens) => {
        const chunks = createChunker({ countTokens, maxTokens }).chunk(text);
        expect(chunks.map((chunk) => chunk.text)).not.toContain("");
        const texts = chunks.map((chunk) => chunk.text);
        expect(covers(withoutSpace(text), texts)).toBe(true);
        if (!FRAMED.test(text)) for (const chunk of texts) expect(text).toContain(chunk);
      }),
    );
  });

  it("exceeds the maximum size only for a single grapheme", () => {
    const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, maxTokens) => {
        for (const chunk of createChunker({ countTokens, maxTokens }).chunk(text)) {
          if (countTokens(chunk.text) > maxTokens) expect([...graphemes.segment(chunk.text)]).toHaveLength(1);
        }
      }),
    );
  });

  it("splits no word", () => {
    fc.assert(
      fc.property(numbered, fc.integer({ min: 1, max: 20 }), (text, maxTokens) => {
        const words = new Set(text.split(/\s+/));
        const chunks = createChunker({ countTokens: countWords, maxTokens }).chunk(text);
        for (const word of chunks.flatMap((chunk) => chunk.text.split(/\s+/))) expect(words).toContain(word);
      }),
    );
  });

  it("overlaps by at most overlapTokens", () => {
    fc.assert(
      fc.property(numbered, fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 19 }), (text, max, overlap) => {
        fc.pre(overlap < max);
        const chunks = createChunker({ countTokens: countWords, maxTokens: max, overlapTokens: overlap }).chunk(text);
        let start = -1;
        let end = 0;
        for (const chunk of chunks) {
          start = text.indexOf(chunk.text, start + 1);
          if (start < end) expect(countWords(text.slice(start, end))).toBeLessThanOrEqual(overlap);
          expect(text.slice(end, start).trim()).toBe("");
          expect(start + chunk.text.length).toBeGreaterThan(end);
          expect(countWords(chunk.text)).toBeLessThanOrEqual(max);
          end = start + chunk.text.length;
        }
        expect(text.slice(end).trim()).toBe("");
      }),
    );
  });

  it("repeats a whole sentence that fits the overlap", () => {
    const chunker = createChunker({ countTokens: countWords, maxTokens: 8, overlapTokens: 3 });
    const chunks = chunker.chunk("One two three four five. Six seven eight. Nine ten eleven twelve thirteen.");
    expect(chunks.map(({ text }) => text)).toEqual([
      "One two three four five. Six seven eight.",
      "Six seven eight. Nine ten eleven twelve thirteen.",
    ]);
  });

  it("never splits a surrogate pair or a grapheme, even in a word that is longer than a chunk", () => {
    const family = "👩‍👩‍👧‍👦";
    const chunker = createChunker({ countTokens: (text) => text.length, maxTokens: 30 });
    const chunks = chunker.chunk(family.repeat(20));
    expect(chunks.length).toBeGreaterThan(5);
    for (const { text } of chunks) expect(text.replaceAll(family, "")).toBe("");
  });

  it("splits Chinese and Japanese between sentences, else between words", () => {
    const chunker = createChunker({ countTokens: (text) => text.length, maxTokens: 12 });
    const sentences = chunker.chunk("我们今天去学校。他明天去北京。");
    expect(sentences.map(({ text }) => text)).toEqual(["我们今天去学校。", "他明天去北京。"]);
    const words = chunker.chunk("東京大学図書館東京大学図書館東京大学図書館");
    for (const { text } of words) expect(text).toMatch(/^東京.*館$|^図書館|大学$/);
  });

  it("gives each chunk the path of headings above it, ATX or setext", () => {
    const text = "intro\n\nGuide\n=====\n\nfirst\n\n## Install ##\n\nsecond\n\n### Linux\n\nthird\n\n## Use\n\nfourth";
    expect(small.chunk(text).map(({ heading }) => heading)).toEqual([
      "",
      "Guide",
      "Guide > Install",
      "Guide > Install > Linux",
      "Guide > Use",
    ]);
  });

  it("joins a heading with nothing under it to the section below", () => {
    expect(small.chunk("# Guide\n\n## Install\n\nnpm ci")).toEqual([
      { heading: "Guide > Install", text: "# Guide\n\n## Install\n\nnpm ci" },
    ]);
  });

  it("finds no headings in fenced code, thematic breaks and front matter", () => {
    const text = "---\ntitle: x\n---\n\n```sh\n# not a heading\n```\n\ntext\n\n---\n\n~~~\n```\n# nor this\n~~~";
    expect(new Set(small.chunk(text).map(({ heading }) => heading))).toEqual(new Set([""]));
  });

  it("reads three backticks that close on the same line as inline code, not as a fence", () => {
    const text = "```inline``` is how you write code.\n\n# Install\n\nOne.\n\n# Remove\n\nTwo.";
    const chunks = createChunker({ countTokens: countWords }).chunk(text);
    expect(chunks.map(({ heading }) => heading)).toEqual(["", "Install", "Remove"]);
  });

  it("keeps code in one chunk if it fits, else splits it between lines", () => {
    const code = "```\none two. three\nfour five\n```";
    expect(small.chunk(`before it all goes on\n\n${code}`).map(({ text }) => text)).toContain(code);
    const long = `\`\`\`\n${"a b c\n".repeat(10)}\`\`\``;
    for (const { text } of small.chunk(long)) expect(text).toMatch(/^(```|a b c)(\n(a b c|```))*$/);
  });

  it("ends chunks at paragraphs and balances their sizes", () => {
    const paragraph = (name: string) => `${name} b c d e.`;
    const chunker = createChunker({ countTokens: countWords, maxTokens: 15 });
    const chunks = chunker.chunk(["A", "B", "C", "D"].map(paragraph).join("\n\n"));
    expect(chunks.map(({ text }) => countWords(text))).toEqual([10, 10]);
  });

  it("does not end a sentence at an abbreviation or an initial", () => {
    const chunker = createChunker({ countTokens: countWords, maxTokens: 9 });
    const chunks = chunker.chunk("Dr. Smith of the U.S. Army met J. Doe. They had a long talk about it.");
    expect(chunks.map(({ text }) => text)).toEqual([
      "Dr. Smith of the U.S. Army met J. Doe.",
      "They had a long talk about it.",
    ]);
  });

  it("returns no chunk for white space, and one for one character", () => {
    expect(small.chunk("")).toEqual([]);
    expect(small.chunk(" \n\t\u00a0\n ")).toEqual([]);
    expect(small.chunk("x")).toEqual([{ text: "x", heading: "" }]);
  });

  it.each([
    ["prose", "The quick brown fox jumps over the lazy dog. "],
    ["words without sentences", "word "],
    ["one endless word", "x"],
    ["one endless Chinese sentence", "中文测试的文字"],
    ["lines", "a b c\n"],
    ["tiny paragraphs", "a\n\n"],
    ["nothing but headings", "# a\n\n"],
    ["spaces after a hash", " "],
    ["base64", "QmFzZTY0IHRleHQ+/w"],
  ])("splits a megabyte of %s in linear time", (_, unit) => {
    const chunker = createChunker({ countTokens });
    const text = `# ${unit.repeat(1_000_000 / unit.length)}.`;
    // 0.1 to 1.1 s; in quadratic time it would take hours, far more than the test may.
    const chunks = chunker.chunk(text);
    expect(withoutSpace(chunks.map((chunk) => chunk.text).join("")).length).toBe(withoutSpace(text).length);
  });

  it("has other settings for other sizes, so that a document's version changes with them", () => {
    expect(createChunker({ countTokens, maxTokens: 100 }).settings).not.toBe(createChunker({ countTokens }).settings);
  });

  it.each([
    [0, 0],
    [10, 10],
    [10, -1],
    [Number.NaN, 0],
  ])("throws a RangeError for maxTokens %d with overlapTokens %d", (maxTokens, overlapTokens) => {
    expect(() => createChunker({ countTokens, maxTokens, overlapTokens })).toThrow(RangeError);
  });
});
