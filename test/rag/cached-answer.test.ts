import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer, AnswerCall, AnswerPorts } from "#rag/answer.ts";
import { createCachedAnswer } from "#rag/cached-answer.ts";
import { RagError } from "#rag/errors.ts";
import type { AnswerCache } from "#rag/ports.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";
import { steps, takeSteps } from "./_answer-world.ts";
import { memoryAnswers } from "./_memory-answers.ts";

const CITATION = { index: 1, chunkId: "c", documentId: "d", title: "T", heading: "H", text: "t", score: 0.5 };
const COMPLETE: Answer = {
  text: "A [1]",
  answered: true,
  highlights: [{ start: 0, end: 1 }],
  citations: [CITATION],
  usage: { promptTokens: 9, completionTokens: 3, costUsd: 0.1 },
  timingsMs: { embedding: 1, vector_search: 1, rerank: 1, llm_generation: 1, total: 4 },
  cache: { embedding: true },
  degraded: [],
  model: "m-1",
};
const QUESTION = { question: "Q", topK: 2 };
const unused = () => Promise.reject(new Error("only its identity is read"));
const PORTS: AnswerPorts = {
  embedder: { provider: "p", model: "e", dimensions: 2, embed: unused },
  store: {
    system: "s",
    collection: "c",
    versions: unused,
    replace: unused,
    remove: unused,
    list: unused,
    get: unused,
    search: unused,
    ping: unused,
  },
  reranker: { provider: "p", model: "r", rerank: unused },
  generator: { provider: "p", model: "g", generate: unused },
};

/** A cached pipeline around a stub that returns these answers and counts its calls. */
function cachedAnswer(cache: AnswerCache = memoryAnswers(), generate: () => Promise<Answer> = async () => COMPLETE) {
  const errors: RagError[] = [];
  let calls = 0;
  const answer = createCachedAnswer(
    (_question, call) => {
      calls += 1;
      call?.onCitations?.([CITATION], []);
      call?.onDelta?.("A [1]");
      return generate();
    },
    PORTS,
    cache,
    { onCacheError: (error) => errors.push(error) },
  );
  return { answer, errors, calls: () => calls };
}

function recordEmitted() {
  const emitted: unknown[] = [];
  const call: AnswerCall = {
    onCitations: (citations, degraded) =>
      emitted.push(
        citations,
        degraded.map(({ stage }) => stage),
      ),
    onDelta: (text) => emitted.push(text),
  };
  return { emitted, call };
}

test("a repeated question is answered from the cache: no calls, no usage, emitted in one piece", async () => {
  const { answer, calls } = cachedAnswer();
  expect(await answer(QUESTION)).toMatchObject({ usage: COMPLETE.usage, cache: { embedding: true, answer: false } });
  const { emitted, call } = recordEmitted();
  expect(await answer(QUESTION, call)).toEqual({
    ...COMPLETE,
    usage: { promptTokens: 0, completionTokens: 0 },
    timingsMs: { embedding: 0, vector_search: 0, rerank: 0, llm_generation: 0, total: expect.any(Number) },
    cache: { embedding: false, answer: true },
  });
  expect(emitted).toEqual([[CITATION], [], "A [1]"]);
  expect(calls()).toBe(1);
});

test("the total time of an answer includes the cache", async () => {
  let clock = 0;
  const answer = createCachedAnswer(async () => COMPLETE, PORTS, memoryAnswers(), { now: () => (clock += 7) });
  expect((await answer(QUESTION)).timingsMs).toEqual({ ...COMPLETE.timingsMs, total: 7 });
  expect((await answer(QUESTION)).timingsMs.total).toBe(7);
});

test.each<[string, Partial<Answer>]>([
  ["that was not found", { answered: false }],
  ["cut by the token limit", { finishReason: "length" }],
  ["without citations", { citations: [] }],
  ["with a skipped stage", { degraded: [{ stage: "rerank", error: new RagError("rerank", "down") }] }],
  ["with a failed embedding cache", { degraded: [{ stage: "cache", error: new RagError("cache", "down") }] }],
])("an answer %s is not cached", async (_, part) => {
  const { answer, calls } = cachedAnswer(memoryAnswers(), async () => ({ ...COMPLETE, ...part }));
  await answer(QUESTION);
  expect((await answer(QUESTION)).cache.answer).toBe(false);
  expect(calls()).toBe(2);
});

test("other instructions are another key, and a question without any has the key of earlier versions", async () => {
  const keys: string[] = [];
  const { answer } = cachedAnswer({
    ...memoryAnswers(),
    get: async (key) => {
      keys.push(key);
      return {};
    },
  });
  for (const instructions of [undefined, "Answer in German.", "Be brief.", "Be brief."])
    await answer({ ...QUESTION, ...(instructions !== undefined && { instructions }) });
  const [plain, german, brief, again] = keys;
  expect(new Set(keys).size).toBe(3);
  expect(brief).toBe(again);
  expect(german).not.toBe(plain);
  expect(plain).toBe("bb305ba0d803b370cf827624c3433aca3930de8cb2f52a20afa271a3faafbe39");
});

test("the order of a filter does not matter, and an empty filter differs from an absent one", async () => {
  const { answer, calls } = cachedAnswer();
  const ask = (filter: object) => answer({ ...QUESTION, filter });
  await ask({ topicIds: [1, 10, 2], metadata: { lang: ["en", "de"], year: [1] } });
  expect((await ask({ metadata: { year: [1, 1], lang: ["de", "en"] }, topicIds: [2, 1, 10, 1] })).cache.answer).toBe(
    true,
  );
  await answer(QUESTION);
  for (const filter of [
    {},
    { topicIds: [] },
    { metadata: {} },
    { metadata: { lang: [] } },
    { metadata: { year: ["1"] } },
  ]) {
    expect((await ask(filter)).cache.answer).toBe(false);
  }
  expect(calls()).toBe(7);
});

describe("when the answer cache fails", () => {
  const down = () => Promise.reject(new Error("ECONNREFUSED"));

  test("on reading, it counts as a miss, is reported with the citations, and is not written", async () => {
    const { answer, errors } = cachedAnswer({ ...memoryAnswers(), get: down, set: () => expect.unreachable() });
    const { emitted, call } = recordEmitted();
    const result = await answer(QUESTION, call);
    expect(result).toMatchObject({ text: "A [1]", cache: { answer: false }, degraded: [{ stage: "cache" }] });
    expect(emitted).toEqual([[CITATION], ["cache"], "A [1]"]);
    expect(errors.map(({ stage, message }) => [stage, message])).toEqual([
      ["cache", "reading the answer cache failed: ECONNREFUSED"],
    ]);
  });

  test("on writing, the answer has it in degraded", async () => {
    const { answer, errors } = cachedAnswer({ ...memoryAnswers(), set: down });
    expect((await answer(QUESTION)).degraded).toMatchObject([{ stage: "cache" }]);
    expect(errors).toHaveLength(1);
  });

  test("together with the embedding cache, degraded has the stage once", async () => {
    const error = new RagError("cache", "embeddings");
    const generate = async (): Promise<Answer> => ({ ...COMPLETE, degraded: [{ stage: "cache", error }] });
    const { answer } = cachedAnswer({ ...memoryAnswers(), get: down }, generate);
    expect((await answer(QUESTION)).degraded).toEqual([{ stage: "cache", error }]);
  });

  test("and generation fails too, the UnansweredError has it in degraded", async () => {
    const failure = new UnansweredError(new RagError("llm_generation", "down"), [CITATION], []);
    const { answer } = cachedAnswer({ ...memoryAnswers(), get: down }, () => Promise.reject(failure));
    await expect(answer(QUESTION)).rejects.toMatchObject({
      name: "UnansweredError",
      citations: [CITATION],
      degraded: [{ stage: "cache" }],
    });
  });

  test("because the caller aborted, no cache error is reported", async () => {
    const controller = new AbortController();
    const get = () => {
      controller.abort(new Error("gone"));
      return down();
    };
    const { answer, errors, calls } = cachedAnswer({ ...memoryAnswers(), get });
    await expect(answer(QUESTION, { signal: controller.signal })).rejects.toThrow("gone");
    expect([errors.length, calls()]).toEqual([0, 0]);
  });
});

test("a failed pipeline rejects, and runs again the next time", async () => {
  const { answer, calls } = cachedAnswer(memoryAnswers(), () => Promise.reject(new RagError("vector_search", "down")));
  for (const _ of [1, 2]) await expect(answer(QUESTION)).rejects.toMatchObject({ stage: "vector_search" });
  expect(calls()).toBe(2);
});

test("a cached answer is returned only for the same question, tenant, models and documents", async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      hits += await takeSteps(steps, memoryAnswers());
    }),
    { numRuns: 500 },
  );
  expect(hits).toBeGreaterThan(500);
});

describe("the question's vector is looked up while the answer is", () => {
  const cachedVector = [new Float32Array([1, 0])];

  /** A pipeline with an answer cache whose lookup ends when the test says so; `read` looks up the vector. */
  function lookups(found: Awaited<ReturnType<AnswerCache["get"]>>, read: () => Promise<typeof cachedVector>) {
    const { promise: looked, resolve } = Promise.withResolvers<void>();
    const reads: unknown[] = [];
    const calls: (AnswerCall | undefined)[] = [];
    const ports: AnswerPorts = {
      ...PORTS,
      embedder: {
        ...PORTS.embedder,
        readCache(texts, call) {
          reads.push(texts, call?.tenant);
          return read();
        },
      },
    };
    const get = async () => {
      await looked;
      return found;
    };
    const pipeline = async (_question: unknown, call?: AnswerCall) => {
      calls.push(call);
      return COMPLETE;
    };
    const answer = createCachedAnswer(pipeline, ports, { ...memoryAnswers(), get });
    return { answer, reads, calls, look: resolve };
  }

  test("and used when the answer is not cached", async () => {
    const { answer, reads, calls, look } = lookups({ version: "0" }, async () => cachedVector);
    const answered = answer(QUESTION, { tenant: "t" });
    await expect.poll(() => reads).toEqual([["Q"], "t"]);
    expect(calls).toEqual([]);
    look();
    await answered;
    expect(await calls[0]?.cached).toBe(cachedVector);
  });

  test("and its failure is left to the embedder, which looks again", async () => {
    const down = () => Promise.reject(new Error("down"));
    const missed = lookups({ version: "0" }, down);
    missed.look();
    expect(await missed.answer(QUESTION)).toMatchObject({ degraded: [] });
    await expect(missed.calls[0]?.cached).rejects.toThrow("down");

    const { text, citations, model } = COMPLETE;
    const hit = lookups({ version: "0", answer: { text, citations, model } }, down);
    hit.look();
    expect(await hit.answer(QUESTION)).toMatchObject({ cache: { answer: true }, degraded: [] });
    expect(hit.calls).toEqual([]);
  });
});
