import { describe, expect, it } from "vitest";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { type ChunkerOptions, createChunker as create } from "#rag/chunk.ts";

function createChunker(options: ChunkerOptions) {
  const chunker = create(options);
  return { ...chunker, chunk: (text: string) => [...chunker.chunk(text)] };
}

const countWords = (text: string) => text.match(/\S+/g)?.length ?? 0;
const withoutSpace = (text: string) => text.replace(/\s+/g, "");

describe("the limits of a chunker", () => {
  const chunker = createChunker({ countTokens });
  const lengths = (text: string) => chunker.chunk(text).map((chunk) => chunk.text.length);
  const MAX_LENGTH = 256 * 16;

  it.each([
    ["white space between words", `axolotl regrow${" ".repeat(2_900_000)}limb`],
    ["white space of lines", `dugong seagrass${"\r\n".repeat(130_000)}manatee`],
    ["one word", "a".repeat(1_000_000)],
    ["invisible characters", `x${"\u200b".repeat(300_000)}y`],
    ["marks on one letter", `e${"\u0301".repeat(300_000)}`],
    ["punctuation", "!?.,".repeat(50_000)],
    ["one grapheme after another", "👩‍👩‍👧‍👦".repeat(20_000)],
  ])("no chunk has more than 16 characters for each token: %s", (_name, text) => {
    expect(Math.max(...lengths(text))).toBeLessThanOrEqual(MAX_LENGTH);
    expect(
      withoutSpace(
        chunker
          .chunk(text)
          .map((chunk) => chunk.text)
          .join(""),
      ),
    ).toBe(withoutSpace(text));
  });

  it("words on both sides of much white space are in chunks of their own, as short as they are", () => {
    expect(chunker.chunk(`axolotl regrow${" ".repeat(100_000)}limb`).map(({ text }) => text)).toEqual([
      "axolotl regrow",
      "limb",
    ]);
  });

  it("a document with more chunks than the maximum is refused as soon as it is reached", () => {
    const small = create({ countTokens: countWords, maxTokens: 8, maxChunks: 3 });
    const sections = (count: number) => "# h\n\ntext\n\n".repeat(count);
    expect([...small.chunk(sections(3))]).toHaveLength(3);
    const made: string[] = [];
    expect(() => {
      for (const { text } of small.chunk(sections(100_000))) made.push(text);
    }).toThrow("The document has more than 3 chunks: it is too large, or has very many headings. Split it.");
    expect(made).toHaveLength(3);
  });

  it("3,000,000 characters of headings are refused in little memory", () => {
    const headings = [1, 2, 3, 4, 5].map((level) => `${"#".repeat(level)} ${"h".repeat(490)}\n`).join("");
    expect(() => chunker.chunk(headings + "###### a\nb\n".repeat(272_000))).toThrow("more than 10,000 chunks");
  });

  it("a path of long headings is cut to 500 characters, each heading to its share", () => {
    const text = [1, 2, 3, 4].map((level) => `${"#".repeat(level)} ${`${level}`.repeat(400)}\n\n`).join("");
    const [chunk] = chunker.chunk(`${text}the text`);
    expect(chunk?.heading).toBe([1, 2, 3, 4].map((level) => `${`${level}`.repeat(121)}…`).join(" > "));
  });

  it("a path of at most 500 characters is kept as it is", () => {
    const [chunk] = chunker.chunk(`# ${"a".repeat(300)}\n\n## ${"b".repeat(197)}\n\nthe text`);
    expect(chunk?.heading).toBe(`${"a".repeat(300)} > ${"b".repeat(197)}`);
  });

  it("a long section is divided between lines", () => {
    const text = "one two three\n".repeat(20_000);
    const chunks = chunker.chunk(`# Log\n\n${text}`);
    expect(new Set(chunks.map(({ heading }) => heading))).toEqual(new Set(["Log"]));
    for (const { text } of chunks) expect(text).toMatch(/^(# Log\n\n)?one two three(\none two three)*$/);
  });
});
