import { describe, expect, test } from "vitest";
import { createAnswer } from "#rag/answer.ts";
import { RagError } from "#rag/errors.ts";
import { besidePending } from "#rag/pending.ts";
import type { Hit } from "#rag/ports.ts";
import { createSearch } from "#rag/search.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";

const QUESTION = { question: "Q", topK: 1 };
const FULL = new RagError("cache", "full");
const HIT: Hit = { chunkId: "a", documentId: "d", title: "T", heading: "", text: "t", score: 0.9 };

/** Ports whose embedder returns while the vector is being written, and the events of a question in order. */
function world({ fails }: { fails?: "search" | "generation" } = {}) {
  const { promise: pending, resolve: written } = Promise.withResolvers<RagError | undefined>();
  const events: string[] = [];
  const unused = () => Promise.reject(new Error("not called"));
  const run = async <T>(event: "search" | "generation", result: T): Promise<T> => {
    events.push(event);
    if (fails === event) throw new Error(`no ${event}`);
    return result;
  };
  const ports = {
    embedder: {
      ...{ provider: "p", model: "e", dimensions: 2 },
      embed: async () => ({ vectors: [new Float32Array([1, 0])], cacheHits: 0, tokens: 4, pending }),
    },
    store: {
      ...{ system: "s", collection: "c", versions: unused, replace: unused, remove: unused },
      ...{ list: unused, get: unused, ping: unused, search: () => run("search", [HIT]) },
    },
    reranker: { provider: "p", model: "r", rerank: async () => [HIT] },
    generator: {
      ...{ provider: "p", model: "g" },
      generate: () => {
        const text = { text: "A [1]", answered: true, promptTokens: 1, completionTokens: 1 };
        return run("generation", { ...text, finishReason: "stop", model: "g" });
      },
    },
  };
  const write = (error?: RagError) => {
    events.push("written");
    written(error);
  };
  return { ports, events, write };
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("while the question's vector is written to the cache", () => {
  test("the documents are searched and the answer is generated; the result comes when it is written", async () => {
    const { ports, events, write } = world();
    const deltas: string[] = [];
    const answer = createAnswer(ports)(QUESTION, { onDelta: (text) => deltas.push(text) });
    void answer.then(() => events.push("answered"));
    await turns();
    expect(events).toEqual(["search", "generation"]);
    expect(deltas).toEqual(["A [1]"]);
    write();
    expect(await answer).toMatchObject({ text: "A [1]", degraded: [] });
    expect(events).toEqual(["search", "generation", "written", "answered"]);
  });

  test("a search, too, returns when it is written, and says when it could not be", async () => {
    const { ports, events, write } = world();
    const search = createSearch(ports)(QUESTION);
    void search.then(() => events.push("found"));
    await turns();
    write(FULL);
    expect((await search).degraded).toEqual([{ stage: "cache", error: FULL }]);
    expect(events).toEqual(["search", "written", "found"]);
  });

  test.each(["search", "generation"] as const)("a failed %s is reported when it is written", async (stage) => {
    const { ports, events, write } = world({ fails: stage });
    const failed = createAnswer(ports)(QUESTION).catch((error: unknown) => error);
    void failed.then(() => events.push("failed"));
    await turns();
    write(FULL);
    const error = await failed;
    expect(error).toMatchObject({ message: expect.stringContaining(`no ${stage}`) });
    if (stage === "generation") {
      expect(error).toBeInstanceOf(UnansweredError);
      expect(error).toMatchObject({ citations: [{ chunkId: "a" }], degraded: [{ stage: "cache", error: FULL }] });
    }
    expect(events.slice(-2)).toEqual(["written", "failed"]);
  });

  test("a caller who aborts waits for neither", async () => {
    const { ports } = world();
    const stop = new AbortController();
    const answer = createAnswer(ports)(QUESTION, { signal: stop.signal });
    await turns();
    stop.abort(new Error("gone"));
    await expect(answer).rejects.toThrow("gone");
  });
});

test("without a write the result is that of the pipeline", async () => {
  const degraded = [{ stage: "rerank" as const, error: FULL }];
  expect(await besidePending(undefined, async () => ({ degraded }))).toEqual({ degraded });
});
