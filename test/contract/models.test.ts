import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";
import { createOpenAIGenerator } from "#providers/openai/generator.ts";
import { createBatchedEmbedder } from "#providers/wrappers/batched-embedder.ts";
import type { Citation, Embedder, Generator } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";
import type { ChatRequest } from "../support/openai-chat.ts";
import { startOpenAIServer } from "../support/openai-server.ts";

interface Models {
  embedder: Embedder;
  generator: Generator;
  close(): Promise<void>;
}

async function embeddedModels(): Promise<Models> {
  return { embedder: miniLmEmbedder, generator: createExtractiveGenerator(), async close() {} };
}

/** A fake model that cites the source with the question's last word, and one that does not exist. */
function reply({ messages }: ChatRequest) {
  const [sources = "", question = ""] = messages.at(-1)?.content.split("</sources>") ?? [];
  const word = /(\w+)\W*<\/question>/.exec(question)?.[1] ?? "";
  const found = sources.split("<source index=").find((source) => word && source.includes(word));
  return { content: found ? `It is there [${Number.parseInt(found.slice(1), 10)}] [99].` : "The sources do not say." };
}

async function fakeModels(): Promise<Models> {
  const server = await startOpenAIServer({ apiKey: "key", chat: reply });
  const client = createOpenAIClient({ apiKey: "key", baseURL: server.url });
  const embedder = createOpenAIEmbedder(client, { model: "text-embedding-3-small" });
  return {
    embedder: createBatchedEmbedder(embedder, { maxTexts: 2 }),
    generator: createOpenAIGenerator(client, { model: "gpt-4.1-mini" }),
    close: () => server.close(),
  };
}

const { OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_EMBEDDING_MODEL, OPENAI_EMBEDDING_DIMENSIONS, OPENAI_CHAT_MODEL } =
  process.env;

async function liveModels(): Promise<Models> {
  const client = createOpenAIClient({
    ...(OPENAI_API_KEY && { apiKey: OPENAI_API_KEY }),
    ...(OPENAI_BASE_URL && { baseURL: OPENAI_BASE_URL }),
  });
  const embedder = createOpenAIEmbedder(client, {
    model: OPENAI_EMBEDDING_MODEL || "text-embedding-3-small",
    ...(OPENAI_EMBEDDING_DIMENSIONS && { dimensions: Number(OPENAI_EMBEDDING_DIMENSIONS) }),
  });
  return {
    embedder: createBatchedEmbedder(embedder),
    generator: createOpenAIGenerator(client, { model: OPENAI_CHAT_MODEL || "gpt-4.1-mini" }),
    async close() {},
  };
}

const SOURCES = ["The blue whale is the largest animal.", "Granite is made of quartz, feldspar and mica."].map(
  (text, position): Citation => ({
    index: position + 1,
    chunkId: `chunk-${position}`,
    documentId: `document-${position}`,
    title: "Facts",
    heading: "",
    text,
    score: 0.9,
    similarity: 0.6,
  }),
);

describe.each([
  ["in this process", embeddedModels, false],
  ["fake OpenAI server", fakeModels, false],
  ["live (OPENAI_BASE_URL or OPENAI_API_KEY)", liveModels, !(OPENAI_BASE_URL || OPENAI_API_KEY)],
] as const)("models (%s)", (_, open, isMissing) => {
  describe.skipIf(isMissing)("fulfil the ports' contract:", () => {
    let models: Models;
    beforeAll(async () => {
      models = await open();
    });
    afterAll(() => models.close());

    test("the embedder returns a unit vector of the declared dimensions per text, in order", async () => {
      const texts = ["a cat", "a parliament", "a cat", " ", "half \ud83d", "東京"];
      const { vectors, cacheHits, tokens } = await models.embedder.embed(texts);
      expect(vectors).toHaveLength(texts.length);
      for (const vector of vectors) {
        expect(vector).toBeInstanceOf(Float32Array);
        expect(vector).toHaveLength(models.embedder.dimensions);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
      }
      const cosine = (a = 0, b = 0) =>
        vectors[a]?.reduce((sum, value, at) => sum + value * (vectors[b]?.[at] ?? 0), 0) ?? 0;
      expect(cosine(0, 2)).toBeGreaterThan(0.999);
      expect(cosine(0, 1)).toBeLessThan(0.95);
      expect(cacheHits).toBe(0);
      expect(Number.isSafeInteger(tokens) && tokens >= 0).toBe(true);
    });

    test("the embedder accepts an empty list", async () => {
      expect(await models.embedder.embed([])).toEqual({ vectors: [], cacheHits: 0, tokens: 0 });
    });

    test("the generator cites the source of its answer and no other", async () => {
      const generation = await models.generator.generate(
        buildPrompt("What is granite made of, is there quartz?", SOURCES),
      );
      expect(generation).toMatchObject({ answered: true, finishReason: "stop", model: expect.stringMatching(/./) });
      expect(Array.from(generation.text.matchAll(/\[\d+\]/g), String)).toContain("[2]");
      expect(generation.text).not.toMatch(/\[(?![12]\])\d+\]/);
    });

    test("the generator emits the complete answer as deltas, or no deltas at all", async () => {
      const deltas: string[] = [];
      const generation = await models.generator.generate(
        buildPrompt("What is granite made of, is there quartz?", SOURCES),
        { onDelta: (text) => void deltas.push(text) },
      );
      expect(generation).toMatchObject({ answered: true, finishReason: "stop" });
      expect(["", generation.text]).toContain(deltas.join(""));
      expect(deltas).not.toContain("");
    });

    test.each([
      ["when no source answers the question", SOURCES],
      ["without sources", []],
    ])("the generator states that there is no answer %s", async (_, sources) => {
      const generation = await models.generator.generate(
        buildPrompt("Who won the chess championship in 1972?", sources),
      );
      expect(generation.answered).toBe(false);
      expect(generation.text).toMatch(/\w/);
      expect(generation.text).not.toMatch(/\[\d+\]/);
    });
  });
});
