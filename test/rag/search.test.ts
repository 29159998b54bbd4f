import { expect, it } from "vitest";
import { RagError } from "#rag/errors.ts";
import type { Hit, SearchRequest } from "#rag/ports.ts";
import { createSearch, type SearchPorts } from "#rag/search.ts";

const hit = (chunkId: string, score: number): Hit => ({
  ...{ chunkId, documentId: "d", title: "T", heading: "", text: `text ${chunkId}`, score },
});

function ports(overrides: Partial<SearchPorts> = {}) {
  const searches: SearchRequest[] = [];
  const unused = () => Promise.reject(new Error("a search does not call it"));
  const store: SearchPorts["store"] = {
    ...{
      system: "s",
      collection: "c",
      versions: unused,
      replace: unused,
      remove: unused,
      list: unused,
      get: unused,
      ping: unused,
    },
    async search(request) {
      searches.push(request);
      return [hit("a", 0.9), hit("b", 0.4)];
    },
  };
  const all: SearchPorts = {
    embedder: {
      ...{ provider: "p", model: "e", dimensions: 2 },
      embed: async () => ({ vectors: [new Float32Array([1, 0])], cacheHits: 1, tokens: 4 }),
    },
    store,
    reranker: { provider: "p", model: "r", rerank: async (_question, hits, limit) => hits.slice(0, limit) },
    ...overrides,
  };
  return { all, searches };
}

it("embeds, searches and reranks, and times each stage", async () => {
  const { all, searches } = ports();
  let clock = 0;
  const result = await createSearch(all, () => (clock += 1))({ question: "Q", topK: 1, filter: { topicIds: [3] } });
  expect(result).toEqual({
    citations: [{ ...hit("a", 0.9), index: 1 }],
    timingsMs: { embedding: 1, vector_search: 1, rerank: 1, total: 3 },
    cache: { embedding: true },
    degraded: [],
  });
  expect(searches).toEqual([{ text: "Q", vector: new Float32Array([1, 0]), limit: 50, filter: { topicIds: [3] } }]);
});

it("goes on without embedder and reranker, and says so", async () => {
  const fails = () => Promise.reject(new Error("down"));
  const { all, searches } = ports();
  const broken = { ...all, embedder: { ...all.embedder, embed: fails }, reranker: { ...all.reranker, rerank: fails } };
  const { citations, degraded } = await createSearch(broken)({ question: "Q", topK: 1 });
  expect(degraded.map(({ stage }) => stage)).toEqual(["embedding", "rerank"]);
  expect(citations.map(({ chunkId }) => chunkId)).toEqual(["a"]);
  expect(searches).toEqual([{ text: "Q", limit: 50 }]);
});

it("fails when the store does, and names the stage", async () => {
  const { all } = ports();
  const broken = { ...all, store: { ...all.store, search: () => Promise.reject(new Error("down")) } };
  const error = await createSearch(broken)({ question: "Q", topK: 1 }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(RagError);
  expect(error).toMatchObject({ stage: "vector_search", message: expect.stringContaining("searching c failed") });
});
