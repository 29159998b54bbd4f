import { describe, expect, it } from "vitest";
import { type AnswerPorts, createAnswer } from "#rag/answer.ts";
import { RagError } from "#rag/errors.ts";
import type { Hit, Prompt, SearchRequest } from "#rag/ports.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";

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
      list: async () => ({ documents: [] }),
      get: async () => undefined,
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
      ...{ text: "A [1]", finishReason: "stop", answered: true },
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

  it("reranks as many candidates for one citation as for fifty: the first citation does not depend on topK", async () => {
    const { all, seen } = ports();
    const answer = createAnswer(all);
    for (const topK of [1, 5, 50]) await answer({ question: "Q", topK });
    expect(seen.searches.map(({ limit }) => limit)).toEqual([50, 50, 50]);
  });

  it("cuts texts of the store that are longer than any chunk, for all later stages and the caller", async () => {
    const { all, seen } = ports();
    const store = { ...all.store, search: async () => [{ ...hit("a", 0.9), text: "x".repeat(3_000_000) }] };
    const answer = await createAnswer({ ...all, store })({ question: "Q", topK: 2 });
    const text = `${"x".repeat(9_999)}…`;
    expect(answer.citations.map((citation) => citation.text)).toEqual([text]);
    expect(seen.prompts[0]?.citations.map((citation) => citation.text)).toEqual([text]);
  });

  it("passes the filter to the store and drops citations below the minimum score", async () => {
    const { all, seen } = ports();
    const filter = { topicIds: [1] };
    const answer = await createAnswer(all)({ question: "Q", topK: 2, filter, minScore: 0.5 });
    expect(seen.searches[0]?.filter).toEqual(filter);
    expect(answer.citations.map(({ chunkId }) => chunkId)).toEqual(["a"]);
  });

  it("starts no further stage once its signal is aborted", async () => {
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
    const answer = createAnswer({ ...all, store })({ question: "Q", topK: 1 }, { signal: stop.signal });
    await expect(answer).rejects.toThrow("time is up");
    expect(seen.prompts).toEqual([]);
  });

  it("passes signal, deadline and tenant to every port", async () => {
    const { all } = ports();
    const seen: unknown[] = [];
    const record = <T>(call: T): T => {
      seen.push(call);
      return call;
    };
    const recording: AnswerPorts = {
      embedder: { ...all.embedder, embed: (texts, call) => all.embedder.embed(texts, record(call)) },
      store: { ...all.store, search: (request, call) => all.store.search(request, record(call)) },
      reranker: {
        ...all.reranker,
        rerank: (question, hits, limit, call) => all.reranker.rerank(question, hits, limit, record(call)),
      },
      generator: { ...all.generator, generate: (prompt, call) => all.generator.generate(prompt, record(call)) },
    };
    const call = { signal: new AbortController().signal, deadline: 5, tenant: "acme" };
    await createAnswer(recording)({ question: "Q", topK: 1 }, call);
    expect(seen).toEqual([call, call, call, call]);
  });

  const cause = new Error("boom");
  const fails = () => Promise.reject(cause);

  it.each(["vector_search", "llm_generation"] as const)(
    "throws a RagError with the stage %s and the cause when that stage fails",
    async (stage) => {
      const { all } = ports();
      const broken: AnswerPorts = {
        ...all,
        store: stage === "vector_search" ? { ...all.store, search: fails } : all.store,
        generator: stage === "llm_generation" ? { ...all.generator, generate: fails } : all.generator,
      };
      const error = await createAnswer(broken)({ question: "Q", topK: 1 }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(RagError);
      expect(error).toMatchObject({ stage, cause });
    },
  );

  describe("in degraded mode", () => {
    it.each([
      ["the embedder fails", fails],
      ["the embedder returns no vector", async () => ({ vectors: [], cacheHits: 0, tokens: 0 })],
    ])("searches lexically when %s", async (_name, embed) => {
      const { all, seen } = ports();
      const answer = await createAnswer({ ...all, embedder: { ...all.embedder, embed } })({ question: "Q", topK: 1 });
      expect(seen.searches).toEqual([{ text: "Q", limit: 50 }]);
      expect(answer).toMatchObject({ text: "A [1]", degraded: [{ stage: "embedding" }], cache: { embedding: false } });
      expect(answer.citations).toHaveLength(1);
    });

    it("keeps the order of the search when the reranker fails", async () => {
      const { all } = ports();
      const reranker = { ...all.reranker, rerank: fails };
      const answer = await createAnswer({ ...all, reranker })({ question: "Q", topK: 1 });
      expect(answer).toMatchObject({ citations: [{ chunkId: "a", index: 1 }], degraded: [{ stage: "rerank" }] });
      expect(answer.degraded[0]?.error.cause).toBe(cause);
    });

    it("answers when the embedding cache fails", async () => {
      const { all } = ports();
      const cacheError = new RagError("cache", "down");
      const embed = async () => ({ vectors: [new Float32Array([1, 0])], cacheHits: 0, tokens: 4, cacheError });
      const answer = await createAnswer({ ...all, embedder: { ...all.embedder, embed } })({ question: "Q", topK: 1 });
      expect(answer.degraded).toEqual([{ stage: "cache", error: cacheError }]);
    });

    it("throws an UnansweredError with citations and degraded stages when the generator fails", async () => {
      const { all } = ports();
      const broken = {
        ...all,
        reranker: { ...all.reranker, rerank: fails },
        generator: { ...all.generator, generate: fails },
      };
      const error = await createAnswer(broken)({ question: "Q", topK: 1 }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(UnansweredError);
      expect(error).toMatchObject({
        stage: "llm_generation",
        cause,
        citations: [{ chunkId: "a", index: 1 }],
        degraded: [{ stage: "rerank" }],
      });
    });

    it.each(["embedder", "reranker", "generator"] as const)(
      "throws the signal's reason when it is aborted during the %s's call",
      async (port) => {
        const { all } = ports();
        const stop = new AbortController();
        const abortAndFail = () => {
          stop.abort(new Error("time is up"));
          return fails();
        };
        const broken: AnswerPorts = {
          ...all,
          ...(port === "embedder" && { embedder: { ...all.embedder, embed: abortAndFail } }),
          ...(port === "reranker" && { reranker: { ...all.reranker, rerank: abortAndFail } }),
          ...(port === "generator" && { generator: { ...all.generator, generate: abortAndFail } }),
        };
        const answer = createAnswer(broken)({ question: "Q", topK: 1 }, { signal: stop.signal });
        await expect(answer).rejects.toThrow("time is up");
      },
    );
  });

  describe("emits", () => {
    const emittedBy = (all: AnswerPorts) => {
      const events: unknown[] = [];
      const answer = createAnswer(all)(
        { question: "Q", topK: 1 },
        {
          onCitations: (citations) => events.push(citations.map(({ chunkId }) => chunkId)),
          onDelta: (text) => events.push(text),
        },
      );
      return answer.then(() => events);
    };

    it("the citations, then the text piece by piece", async () => {
      const { all } = ports();
      const generator: AnswerPorts["generator"] = {
        ...all.generator,
        async generate(prompt, call) {
          call?.onDelta?.("A ");
          call?.onDelta?.("[1]");
          return all.generator.generate(prompt);
        },
      };
      expect(await emittedBy({ ...all, generator })).toEqual([["a"], "A ", "[1]"]);
    });

    it("the whole text when the generator emits no pieces", async () => {
      expect(await emittedBy(ports().all)).toEqual([["a"], "A [1]"]);
    });
  });
});
