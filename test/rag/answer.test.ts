import { describe, expect, it } from "vitest";
import { type AnswerPorts, createAnswer } from "#rag/answer.ts";
import { RagError } from "#rag/errors.ts";
import type { Hit, Prompt, SearchRequest } from "#rag/ports.ts";

const hit = (chunkId: string, score: number): Hit => ({
  chunkId,
  documentId: `doc-${chunkId}`,
  title: "T",
  heading: "",
  text: `text ${chunkId}`,
  score,
});

function ports(overrides: Partial<AnswerPorts> = {}) {
  const seen: { searches: SearchRequest[]; prompts: Prompt[] } = { searches: [], prompts: [] };
  const all: AnswerPorts = {
    embedder: {
      provider: "p",
      model: "e",
      dimensions: 2,
      embed: async (texts) => ({ vectors: texts.map(() => new Float32Array([1, 0])), cacheHits: 1, tokens: 4 }),
    },
    store: {
      system: "s",
      collection: "c",
      versions: async () => new Map(),
      replace: async () => {},
      remove: async () => undefined,
      ping: async () => {},
      async search(request) {
        seen.searches.push(request);
        return [hit("a", 0.9), hit("b", 0.4)];
      },
    },
    reranker: { provider: "p", model: "r", rerank: async (_question, hits, limit) => hits.slice(0, limit) },
    generator: {
      provider: "p",
      model: "g",
      async generate(prompt) {
        seen.prompts.push(prompt);
        return {
          text: "A [1]",
          answered: true,
          promptTokens: 5,
          completionTokens: 2,
          finishReason: "stop",
          model: "g-1",
        };
      },
    },
    ...overrides,
  };
  return { all, seen };
}

describe("createAnswer", () => {
  it("embeds, searches, reranks and generates, and times each stage", async () => {
    const { all, seen } = ports();
    let clock = 0;
    const answer = await createAnswer(all, () => (clock += 1))({ question: "Q", topK: 2 });
    expect(answer).toEqual({
      text: "A [1]",
      answered: true,
      citations: [
        { ...hit("a", 0.9), index: 1 },
        { ...hit("b", 0.4), index: 2 },
      ],
      usage: { promptTokens: 5, completionTokens: 2 },
      timingsMs: { embedding: 1, vector_search: 1, rerank: 1, llm_generation: 1, total: 4 },
      cache: { embedding: true },
      degraded: [],
      model: "g-1",
    });
    expect(seen.searches[0]).toMatchObject({ text: "Q", vector: new Float32Array([1, 0]) });
    expect(seen.prompts[0]?.citations).toEqual(answer.citations);
  });

  it("gives the reranker more candidates than it may return", async () => {
    const { all, seen } = ports();
    await createAnswer(all)({ question: "Q", topK: 2 });
    await createAnswer(all)({ question: "Q", topK: 50 });
    expect(seen.searches.map(({ limit }) => limit)).toEqual([30, 150]);
  });

  it("passes the filter to the store and leaves out what scores under the minimum", async () => {
    const { all, seen } = ports();
    const filter = { topicIds: [1] };
    const answer = await createAnswer(all)({ question: "Q", topK: 2, filter, minScore: 0.5 });
    expect(seen.searches[0]?.filter).toEqual(filter);
    expect(answer.citations.map(({ chunkId }) => chunkId)).toEqual(["a"]);
  });

  it("starts no further stage once it is told to stop", async () => {
    const { all, seen } = ports();
    const stop = new AbortController();
    const search = all.store.search;
    const store = {
      ...all.store,
      search(request: SearchRequest) {
        stop.abort(new Error("time is up"));
        return search(request);
      },
    };
    const answer = createAnswer({ ...all, store })({ question: "Q", topK: 1, signal: stop.signal });
    await expect(answer).rejects.toThrow("time is up");
    expect(seen.prompts).toEqual([]);
  });

  it("fails the embedding stage when the embedder returns nothing", async () => {
    const { all } = ports();
    const embedder = { ...all.embedder, embed: async () => ({ vectors: [], cacheHits: 0, tokens: 0 }) };
    await expect(createAnswer({ ...all, embedder })({ question: "Q", topK: 1 })).rejects.toMatchObject({
      stage: "embedding",
    });
  });

  it.each(["embedding", "vector_search", "rerank", "llm_generation"] as const)(
    "names the %s stage when it fails, and keeps the cause",
    async (stage) => {
      const cause = new Error("boom");
      const fails = () => Promise.reject(cause);
      const { all } = ports();
      const broken: AnswerPorts = {
        embedder: stage === "embedding" ? { ...all.embedder, embed: fails } : all.embedder,
        store: stage === "vector_search" ? { ...all.store, search: fails } : all.store,
        reranker: stage === "rerank" ? { ...all.reranker, rerank: fails } : all.reranker,
        generator: stage === "llm_generation" ? { ...all.generator, generate: fails } : all.generator,
      };
      const error = await createAnswer(broken)({ question: "Q", topK: 1 }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(RagError);
      expect(error).toMatchObject({ stage, cause });
    },
  );
});
