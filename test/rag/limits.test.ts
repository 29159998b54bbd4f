/** Documents made to exhaust the service; the table of docs/RELIABILITY.md names these tests. */
import { describe, expect, it } from "vitest";
import { toCitations } from "#http/answer-response.ts";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { createAnswer } from "#rag/answer.ts";
import { createChunker } from "#rag/chunk.ts";
import { TooLargeError } from "#rag/errors.ts";
import { createIngest, type NewDocument } from "#rag/ingest.ts";
import type { Embedder, Hit, VectorStore } from "#rag/ports.ts";
import { shortenedAnswer } from "#rag/shortened.ts";
import { hashEmbedder } from "../providers/_hash-embedder.ts";

const split = (text: string) => [...createChunker({ countTokens }).chunk(text)];

/** 5.4 bytes a chunk, which would repeat 2.5 KB of headings. */
function headings(sections: number): string {
  const long = "h".repeat(490);
  const outer = [1, 2, 3, 4, 5].map((level) => `${"#".repeat(level)} ${long}\n`).join("");
  return outer + "###### a\nb\n".repeat(sections);
}

async function ingest(...documents: NewDocument[]) {
  const stored = new Map<string, number>();
  const embedder: Embedder = {
    ...hashEmbedder,
    embed: async (texts) => ({ vectors: texts.map(() => new Float32Array(1)), cacheHits: 0, tokens: 0 }),
  };
  const store = {
    collection: "documents",
    versions: async () => new Map(),
    replace: async ({ id }, chunks) => void stored.set(id, chunks.length),
  } as Partial<VectorStore> as VectorStore;
  const result = await createIngest({ chunker: createChunker({ countTokens }), embedder, store })(documents);
  return { ...result, stored };
}

describe("a document", () => {
  it("with too many chunks fails with the reason, and the others are stored", async () => {
    const { documents, stored } = await ingest(
      { id: "amplified", title: "t".repeat(1000), text: headings(272_000) },
      { id: "plain", text: "A plain text." },
    );
    expect(documents).toMatchObject([
      { id: "amplified", status: "failed", chunks: 0, error: { stage: "chunk", name: "TooLargeError" } },
      { id: "plain", status: "created", chunks: 1 },
    ]);
    expect(documents[0]?.error?.message).toMatch(/more than 10,000 chunks.*Split it/);
    expect([...stored.keys()]).toEqual(["plain"]);
  });

  it("whose titles, headings and metadata are too many characters fails with the reason", async () => {
    const { documents, stored } = await ingest({
      id: "amplified",
      title: "題".repeat(1000),
      text: headings(9_000),
      metadata: { k: "v".repeat(1000) },
    });
    expect(documents[0]?.error).toBeInstanceOf(TooLargeError);
    expect(documents[0]?.error?.message).toMatch(/more than 20,000,000 characters. Split it/);
    expect(stored.size).toBe(0);
  });

  it("of three million characters of English is stored", async () => {
    const { documents } = await ingest({ id: "a", text: "One sentence of a long book. ".repeat(100_000) });
    expect(documents).toMatchObject([{ status: "created" }]);
  });
});

/** Each part of code that is cut is fenced. */
const unfenced = (chunk: string) => chunk.replace(/^```\n|\n```$/g, "");

describe("a chunk", () => {
  it.each([
    ["spaces", `axolotl regrow${" ".repeat(2_900_000)}limb`],
    ["line breaks", `dugong seagrass${"\r\n".repeat(130_000)}end`],
    ["no-break spaces", `a${"\u00a0".repeat(300_000)}b`],
    ["spaces between words", `a${" ".repeat(200)}`.repeat(2_000)],
    ["tabs in code", `\`\`\`\n${`a${"\t".repeat(500)}\n`.repeat(500)}`],
    ["zero-width joiners", `a${"\u200d".repeat(300_000)}`],
    ["accents on one letter", `a${"\u0301".repeat(300_000)}`],
    ["one word", "x".repeat(300_000)],
    ["dots", ".".repeat(100_000)],
  ])("has at most 4,096 characters of %s, and text is not lost", (_, text) => {
    const chunks = split(text).map((chunk) => chunk.text);
    for (const chunk of chunks) {
      expect(chunk.length).toBeLessThanOrEqual(4_096);
      expect(text.includes(unfenced(chunk))).toBe(true);
    }
    const visible = (value: string) => value.replace(/\s+/g, "");
    expect(visible(chunks.map(unfenced).join("")) === visible(unfenced(text))).toBe(true);
  });

  it("repeats at most 500 characters of headings", () => {
    const [chunk] = split(
      `# Top ${"t".repeat(400)}\n## Middle ${"m".repeat(400)}\n### Near ${"n".repeat(400)}\ntext`,
    ).slice(-1);
    expect(chunk?.heading).toMatch(/^Top t+… > .*Near n+…$/);
    expect(chunk?.heading.length).toBeLessThanOrEqual(500);
    expect(split("# Top\n## Middle\n### Near\ntext")[0]?.heading).toBe("Top > Middle > Near");
  });

  it("keeps the heading of a section that is too long to be split at once", () => {
    const chunks = split(`# Long\n${"One sentence. ".repeat(10_000)}\n# Next\nb`);
    expect(new Set(chunks.map(({ heading }) => heading))).toEqual(new Set(["Long", "Next"]));
  });
});

describe("an answer from chunks that were stored before they had a limit", () => {
  const answerFrom = (text: string, count: number) => {
    const hit = (index: number): Hit => ({
      ...{ chunkId: `${index}`, documentId: `d${index}`, title: text, heading: text, text, score: 1, similarity: 0.9 },
      url: `https://example.org/${"x".repeat(3000)}`,
    });
    const hits = Array.from({ length: count }, (_, index) => hit(index));
    const answer = createAnswer({
      embedder: hashEmbedder,
      store: { collection: "documents", search: async () => hits } as Partial<VectorStore> as VectorStore,
      reranker: createLexicalReranker(),
      generator: createExtractiveGenerator(),
    });
    return answer({ question: "axolotl limb", topK: 50 });
  };

  it.each([
    ["spaces", `axolotl regrow${" ".repeat(2_900_000)}limb`],
    ["control characters", `axolotl limb ${"\u0001".repeat(100_000)}`],
    ["one sentence", "axolotl limb ".repeat(200_000)],
  ])("stays below Lambda's 6 MB and says what is cut: %s", async (_, text) => {
    const answer = await answerFrom(text, 50);
    expect(answer.degraded).toEqual([]);
    expect(answer.citations.length).toBeGreaterThan(0);
    for (const { text, url } of answer.citations) {
      expect(text.length).toBeLessThanOrEqual(10_000);
      expect([text.at(-1), url]).toEqual(["…", undefined]);
    }
    const response = JSON.stringify({ text: answer.text, citations: toCitations(answer.citations) });
    expect(Buffer.byteLength(JSON.stringify({ body: response }))).toBeLessThan(6_000_000);
  });

  it("an answer is cut to 100,000 characters", () => {
    expect(shortenedAnswer("x".repeat(100_001))).toBe(`${"x".repeat(99_999)}…`);
    expect(shortenedAnswer("x".repeat(100_000))).toBe("x".repeat(100_000));
  });

  it("is not degraded by more sentences than a call has arguments", async () => {
    const hit = hitOf("Dugong eat seagrass. ".repeat(200_000));
    const [ranked] = await createLexicalReranker().rerank("dugong seagrass", [hit], 1);
    expect(ranked?.score).toBeGreaterThan(0.3);
  });
});

function hitOf(text: string): Hit {
  return { chunkId: "c", documentId: "d", title: "t", heading: "", text, score: 1 };
}
