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
const WHOLE: Answer = {
  text: "A [1]",
  answered: true,
  citations: [CITATION],
  usage: { promptTokens: 9, completionTokens: 3, costUsd: 0.1 },
  timingsMs: { embedding: 1, vector_search: 1, rerank: 1, llm_generation: 1, total: 4 },
  cache: { embedding: true },
  degraded: [],
  model: "m-1",
};
const QUESTION = { question: "Q", topK: 2 };
const unused = () => Promise.reject(new Error("only its name is asked for"));
const PORTS: AnswerPorts = {
  embedder: { provider: "p", model: "e", dimensions: 2, embed: unused },
  store: {
    system: "s",
    collection: "c",
    versions: unused,
    replace: unused,
    remove: unused,
    search: unused,
    ping: unused,
  },
  reranker: { provider: "p", model: "r", rerank: unused },
  generator: { provider: "p", model: "g", generate: unused },
};

/** A cached pipeline that answers with what it is told, and counts how often it had to. */
function cachedAnswer(cache: AnswerCache = memoryAnswers(), made: () => Promise<Answer> = async () => WHOLE) {
  const errors: RagError[] = [];
  let asked = 0;
  const answer = createCachedAnswer(
    (_question, call) => {
      asked += 1;
      call?.onCitations?.([CITATION], []);
      call?.onDelta?.("A [1]");
      return made();
    },
    PORTS,
    cache,
    { onCacheError: (error) => errors.push(error) },
  );
  return { answer, errors, asked: () => asked };
}

function listening() {
  const told: unknown[] = [];
  const call: AnswerCall = {
    onCitations: (citations, degraded) =>
      told.push(
        citations,
        degraded.map(({ stage }) => stage),
      ),
    onDelta: (text) => told.push(text),
  };
  return { told, call };
}

test("the same question again asks nobody, uses nothing, and is told in one piece", async () => {
  const { answer, asked } = cachedAnswer();
  expect(await answer(QUESTION)).toMatchObject({ usage: WHOLE.usage, cache: { embedding: true, answer: false } });
  const { told, call } = listening();
  expect(await answer(QUESTION, call)).toEqual({
    ...WHOLE,
    usage: { promptTokens: 0, completionTokens: 0 },
    timingsMs: { embedding: 0, vector_search: 0, rerank: 0, llm_generation: 0, total: expect.any(Number) },
    cache: { embedding: false, answer: true },
  });
  expect(told).toEqual([[CITATION], [], "A [1]"]);
  expect(asked()).toBe(1);
});

test("the time of the cache is part of the answer's", async () => {
  let clock = 0;
  const answer = createCachedAnswer(async () => WHOLE, PORTS, memoryAnswers(), { now: () => (clock += 7) });
  expect((await answer(QUESTION)).timingsMs).toEqual({ ...WHOLE.timingsMs, total: 7 });
  expect((await answer(QUESTION)).timingsMs.total).toBe(7);
});

test.each<[string, Partial<Answer>]>([
  ["not found", { answered: false }],
  ["without a source", { citations: [] }],
  ["made without a stage", { degraded: [{ stage: "rerank", error: new RagError("rerank", "down") }] }],
  ["made while the embedding cache was down", { degraded: [{ stage: "cache", error: new RagError("cache", "down") }] }],
])("an answer %s is not kept", async (_, part) => {
  const { answer, asked } = cachedAnswer(memoryAnswers(), async () => ({ ...WHOLE, ...part }));
  await answer(QUESTION);
  expect((await answer(QUESTION)).cache.answer).toBe(false);
  expect(asked()).toBe(2);
});

test("a filter is the same in any order, and an empty one is not an absent one", async () => {
  const { answer, asked } = cachedAnswer();
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
  expect(asked()).toBe(7);
});

describe("a cache that fails", () => {
  const down = () => Promise.reject(new Error("ECONNREFUSED"));

  test("to be read is a miss, told first of all, and not written", async () => {
    const { answer, errors } = cachedAnswer({ ...memoryAnswers(), get: down, set: () => expect.unreachable() });
    const { told, call } = listening();
    const result = await answer(QUESTION, call);
    expect(result).toMatchObject({ text: "A [1]", cache: { answer: false }, degraded: [{ stage: "cache" }] });
    expect(told).toEqual([[CITATION], ["cache"], "A [1]"]);
    expect(errors.map(({ stage, message }) => [stage, message])).toEqual([
      ["cache", "reading the answer cache failed: ECONNREFUSED"],
    ]);
  });

  test("to be written is told of the answer", async () => {
    const { answer, errors } = cachedAnswer({ ...memoryAnswers(), set: down });
    expect((await answer(QUESTION)).degraded).toMatchObject([{ stage: "cache" }]);
    expect(errors).toHaveLength(1);
  });

  test("along with the embedding cache is one stage", async () => {
    const error = new RagError("cache", "embeddings");
    const made = async (): Promise<Answer> => ({ ...WHOLE, degraded: [{ stage: "cache", error }] });
    const { answer } = cachedAnswer({ ...memoryAnswers(), get: down }, made);
    expect((await answer(QUESTION)).degraded).toEqual([{ stage: "cache", error }]);
  });

  test("is told too where nobody can answer", async () => {
    const failure = new UnansweredError(new RagError("llm_generation", "down"), [CITATION], []);
    const { answer } = cachedAnswer({ ...memoryAnswers(), get: down }, () => Promise.reject(failure));
    await expect(answer(QUESTION)).rejects.toMatchObject({
      name: "UnansweredError",
      citations: [CITATION],
      degraded: [{ stage: "cache" }],
    });
  });

  test("because the caller has gone is no failure of it", async () => {
    const controller = new AbortController();
    const get = () => {
      controller.abort(new Error("gone"));
      return down();
    };
    const { answer, errors, asked } = cachedAnswer({ ...memoryAnswers(), get });
    await expect(answer(QUESTION, { signal: controller.signal })).rejects.toThrow("gone");
    expect([errors.length, asked()]).toEqual([0, 0]);
  });
});

test("what fails fails, and is asked again", async () => {
  const { answer, asked } = cachedAnswer(memoryAnswers(), () => Promise.reject(new RagError("vector_search", "down")));
  for (const _ of [1, 2]) await expect(answer(QUESTION)).rejects.toMatchObject({ stage: "vector_search" });
  expect(asked()).toBe(2);
});

test("an answer is only ever given to the same question of the same tenant, models and documents", async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      hits += await takeSteps(steps, memoryAnswers());
    }),
    { numRuns: 500 },
  );
  expect(hits).toBeGreaterThan(500);
});
