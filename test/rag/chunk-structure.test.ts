import { describe, expect, it } from "vitest";
import { type ChunkerOptions, createChunker } from "#rag/chunk.ts";

/** One token per word, so that sizes in the tests are easy to count. */
const countTokens = (text: string) => text.match(/\S+/g)?.length ?? 0;

function chunksOf(text: string, options: Partial<ChunkerOptions> & { title?: string } = {}): string[] {
  const { title, ...rest } = options;
  return [...createChunker({ countTokens, maxTokens: 20, ...rest }).chunk(text, title)].map((chunk) => chunk.text);
}

/** Each chunk as one line, to be read in a test. */
const inLines = (chunks: readonly string[]) => chunks.map((chunk) => chunk.replaceAll(/\s+/g, " "));

describe("a long table", () => {
  const HEADER = "| setting | default |\n|---|---|";
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `| name${from + index} | ${from + index} |`);

  it("repeats its header and the line under it in each chunk, and has each row once", () => {
    const chunks = chunksOf(`${HEADER}\n${rows(0, 9).join("\n")}`);
    expect(chunks.length).toBeGreaterThan(2);
    for (const chunk of chunks) {
      expect(chunk.startsWith(`${HEADER}\n| name`)).toBe(true);
      expect(countTokens(chunk)).toBeLessThanOrEqual(20);
    }
    expect(chunks.flatMap((chunk) => chunk.split("\n").slice(2))).toEqual(rows(0, 9));
  });

  it.each([
    ["directly", "The settings of the server:\n"],
    ["after a blank line", "The settings of the server:\n\n"],
  ])("begins with the line that introduces it, which is not repeated: %s", (_where, introduction) => {
    const chunks = chunksOf(`${introduction}${HEADER}\n${rows(0, 9).join("\n")}\n\nThat is all.`);
    expect(chunks[0]).toContain(`${introduction}${HEADER}\n| name0 | 0 |`);
    expect(chunks.slice(1).join("\n")).not.toContain("settings of the server");
    expect(chunks.slice(1, -1).every((chunk) => chunk.startsWith(`${HEADER}\n| name`))).toBe(true);
    expect(chunks.at(-1)).toMatch(/That is all\.$/);
  });

  it("without bars at the ends of its lines is a table too", () => {
    const header = "setting | default\n--- | ---";
    const chunks = chunksOf(
      `${header}\n${rows(0, 9)
        .join("\n")
        .replaceAll(/^\| | \|$/gm, "")}`,
    );
    expect(chunks.length).toBeGreaterThan(2);
    for (const chunk of chunks) expect(chunk.startsWith(`${header}\nname`)).toBe(true);
  });

  it("of 100,000 characters repeats its header to the end", () => {
    const chunks = chunksOf(`${HEADER}\n${rows(0, 6_000).join("\n")}`);
    for (const chunk of chunks) expect(chunk.startsWith(`${HEADER}\n| name`)).toBe(true);
    expect(chunks.flatMap((chunk) => chunk.split("\n").slice(2))).toEqual(rows(0, 6_000));
  });

  it("does not repeat a header that takes half of a chunk", () => {
    const header = "| a long name | of a column | and another one |\n|---|---|---|";
    const chunks = chunksOf(`${header}\n${rows(0, 9).join("\n")}`);
    expect(chunks.join("\n").split(header)).toHaveLength(2);
  });
});

describe("code that is cut", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `  step ${index} of it`);

  it.each(["```", "~~~~"])("is fenced by %s in each chunk, and keeps its indentation", (mark) => {
    const chunks = chunksOf(`${mark}sh\n${lines(12).join("\n")}\n${mark}`);
    expect(chunks.length).toBeGreaterThan(2);
    for (const chunk of chunks) expect(chunk).toMatch(new RegExp(`^${mark}sh\\n {2}step[\\s\\S]*it\\n${mark}$`));
    expect(chunks.flatMap((chunk) => chunk.split("\n").slice(1, -1))).toEqual(lines(12));
  });

  it("is closed where the text ends without closing it, but for the last chunk", () => {
    const chunks = chunksOf(`\`\`\`\n${lines(12).join("\n")}`);
    for (const chunk of chunks.slice(0, -1)) expect(chunk).toMatch(/^```\n {2}step[\s\S]*it\n```$/);
    expect(chunks.at(-1)).toMatch(/^```\n {2}step[\s\S]*it$/);
  });

  it("of 100,000 characters is fenced to the end", () => {
    const chunks = chunksOf(`\`\`\`log\n${lines(6_000).join("\n")}\n\`\`\``);
    for (const chunk of chunks) expect(chunk).toMatch(/^```log\n {2}step[\s\S]*it\n```$/);
  });
});

describe("what belongs together", () => {
  const before = "One two three four five six. Seven eight nine ten eleven twelve.";

  it.each([
    ["numbered steps", "To install it:\n\n1. Download it.\n2. Unpack it.\n3. Start it."],
    ["numbered steps with blank lines", "To install it:\n\n1. Download it.\n\n2. Unpack it.\n\n3. Start it."],
    ["steps right under their line", "To install it:\n1. Download it.\n2. Unpack it.\n3. Start it."],
    ["steps with code between them", "1. Download it:\n\n   ```sh\n   get it\n   ```\n\n2. Start it."],
    ["a list", "It has:\n\n- a screen\n- a keyboard\n- a battery"],
    ["code", "Start it with:\n\n```sh\nnpm ci\nnpm run dev\n```"],
    ["a question and its answer", "**Can I return it?**\n\nYes, within thirty days. Keep the receipt for that."],
    ["a question right above its answer", "Q: Can I return it?\nA: Yes, within thirty days. Keep the receipt."],
  ])("stays together if it fits a chunk: %s", (_what, together) => {
    const chunks = inLines(chunksOf(`${before}\n\n${together}\n\n${before}`));
    expect(chunks.some((chunk) => chunk.includes(together.replaceAll(/\s+/g, " ")))).toBe(true);
    expect(chunks.length).toBeGreaterThan(1);
  });

  it("starts with its introduction and the first steps if it does not fit", () => {
    const steps = Array.from({ length: 9 }, (_, index) => `${index + 1}. Do the thing.`).join("\n");
    const chunks = chunksOf(`${before}\n\nTo do it:\n\n${steps}`);
    expect(chunks.some((chunk) => chunk.includes("To do it:\n\n1. Do the thing."))).toBe(true);
  });
});

describe("the window of the embedding model", () => {
  const text = `# Guide\n\n## Install\n\n${"One two three four five. ".repeat(20)}`;

  it("has room for title and headings too", () => {
    const chunks = chunksOf(text, { window: 20, title: "The long title of it" });
    for (const chunk of chunks)
      expect(countTokens(`The long title of it Guide > Install ${chunk}`)).toBeLessThanOrEqual(20);
    expect(Math.max(...chunksOf(text, { window: 20 }).map(countTokens))).toBeGreaterThan(12);
  });

  it("leaves half of itself to the text, however long the title", () => {
    const chunks = chunksOf(text, { window: 20, title: "word ".repeat(40) });
    expect(Math.max(...chunks.map(countTokens))).toBe(10);
  });

  it("is part of the settings, so that documents are ingested again", () => {
    const { settings } = createChunker({ countTokens, window: 20 });
    expect(settings).not.toBe(createChunker({ countTokens }).settings);
  });
});
