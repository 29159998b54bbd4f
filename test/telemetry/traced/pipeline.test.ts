import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { createAnswer } from "#rag/answer.ts";
import { AbandonedError, RagError } from "#rag/errors.ts";
import type { Reranker } from "#rag/ports.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";
import { tracePorts } from "../../support/wrapped-ports.ts";
import { fakePorts, histogramNamed, pointsOf, recordingTelemetry, spanNamed, tracedPipelines } from "../_setup.ts";

const QUESTION = { question: "Where is the lamp?", topK: 2 };

describe("a query", () => {
  test("without results is no error, and its search has no score", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const { answer } = tracedPipelines(telemetry, { scores: [], answered: false });
    await answer(QUESTION);
    expect(pointsOf(await metrics(), "rag_query_duration_seconds")).toMatchObject([
      { attributes: { outcome: "not_found" } },
    ]);
    const { attributes } = spanNamed(await spans(), "rag.vector_search");
    expect(attributes).toMatchObject({ "results.count": 0 });
    expect(attributes).not.toHaveProperty("score.max");
  });

  test("answered from the cache counts hits and no call of the embedding model", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const { answer } = tracedPipelines(telemetry, { cacheHits: 1, tokens: 0 });
    await answer(QUESTION);
    const recorded = await metrics();
    expect(pointsOf(recorded, "rag_embedding_cache_hits_total")).toEqual([{ attributes: {}, value: 1 }]);
    expect(pointsOf(recorded, "rag_embedding_cache_misses_total")).toEqual([]);
    expect(pointsOf(recorded, "gen_ai.client.inference.duration")).toMatchObject([
      { attributes: { "gen_ai.operation.name": "chat" } },
    ]);
    expect(pointsOf(recorded, "gen_ai.client.embeddings.duration")).toEqual([]);
    expect(spanNamed(await spans(), "rag.embedding").attributes["cache.hit"]).toBe(true);
    expect(spanNamed(await spans(), "rag.query").attributes["cache.hit"]).toBe(true);
  });

  test("answered by an unbilled model counts no token and no cost", async () => {
    const { telemetry, metrics } = recordingTelemetry();
    await tracedPipelines(telemetry, { tokens: 0 }).answer(QUESTION);
    const names = (await metrics()).map(({ descriptor }) => descriptor.name);
    expect(names).not.toContain("rag_openai_tokens_total");
    expect(names).not.toContain("rag_openai_cost_usd_total");
    expect(names.filter((name) => /^gen_ai\..*tokens$/.test(name))).toEqual([]);
  });

  test.each([
    ["embed", "embedding"],
    ["rerank", "rerank"],
  ] as const)("whose %s fails is answered without it, and records that", async (call, stage) => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const { answer } = tracedPipelines(telemetry, { fail: { [call]: new RangeError("no such thing") } });
    await answer(QUESTION);
    const recorded = await metrics();
    expect(pointsOf(recorded, "rag_query_errors_total")).toEqual([{ attributes: { stage }, value: 1 }]);
    expect(pointsOf(recorded, "rag_query_degraded_total")).toEqual([{ attributes: { stage }, value: 1 }]);
    expect(pointsOf(recorded, "rag_query_duration_seconds")).toMatchObject([{ attributes: { outcome: "answered" } }]);
    expect(spanNamed(await spans(), `rag.${stage}`).status.code).toBe(SpanStatusCode.ERROR);
    const query = spanNamed(await spans(), "rag.query");
    expect(query.status.code).toBe(SpanStatusCode.UNSET);
    expect(query.attributes["rag.degraded"]).toEqual([stage]);
    expect(query.events).toMatchObject([
      { name: "rag.degraded", attributes: { "rag.stage": stage, "error.type": "RangeError" } },
    ]);
  });

  test("that is degraded and then fails records both", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const { answer } = tracedPipelines(telemetry, { fail: { rerank: new Error("a"), generate: new Error("b") } });
    await expect(answer(QUESTION)).rejects.toThrow(UnansweredError);
    expect(pointsOf(await metrics(), "rag_query_errors_total")).toEqual([
      { attributes: { stage: "rerank" }, value: 1 },
      { attributes: { stage: "llm_generation" }, value: 1 },
    ]);
    expect(spanNamed(await spans(), "rag.query").attributes["rag.degraded"]).toEqual(["rerank"]);
  });

  test("whose caller disconnects has the outcome abandoned, and is no error", async () => {
    const { telemetry, metrics } = recordingTelemetry();
    const answer = telemetry.traceAnswer(() => Promise.reject(new AbandonedError()));
    await expect(answer(QUESTION)).rejects.toThrow(AbandonedError);
    expect(pointsOf(await metrics(), "rag_query_errors_total")).toEqual([]);
    expect(pointsOf(await metrics(), "rag_query_duration_seconds")).toMatchObject([
      { attributes: { outcome: "abandoned" } },
    ]);
  });

  test.each([
    ["search", "vector_search"],
    ["generate", "llm_generation"],
  ] as const)("whose %s fails is counted once, under %s", async (call, stage) => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const { answer } = tracedPipelines(telemetry, { fail: { [call]: new RangeError("no such thing") } });
    await expect(answer(QUESTION)).rejects.toThrow(RagError);
    const recorded = await metrics();
    expect(pointsOf(recorded, "rag_query_errors_total")).toEqual([{ attributes: { stage }, value: 1 }]);
    expect(pointsOf(recorded, "rag_query_duration_seconds")).toMatchObject([{ attributes: { outcome: "error" } }]);
    for (const name of [`rag.${stage}`, "rag.query"]) {
      const span = spanNamed(await spans(), name);
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes["error.type"]).toBe("RangeError");
    }
  });

  test("that fails in a model has error.type on the operation's duration", async () => {
    const { telemetry, metrics } = recordingTelemetry();
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const { answer } = tracedPipelines(telemetry, { fail: { generate: new TypeError("failed", { cause: refused }) } });
    await expect(answer(QUESTION)).rejects.toThrow();
    const recorded = await metrics();
    expect(pointsOf(recorded, "gen_ai.client.embeddings.duration")).toMatchObject([
      { attributes: { "gen_ai.operation.name": "embeddings" } },
    ]);
    expect(pointsOf(recorded, "gen_ai.client.inference.duration")).toMatchObject([
      { attributes: { "gen_ai.operation.name": "chat", "error.type": "ECONNREFUSED" } },
    ]);
  });

  test("that fails outside all stages counts under llm_generation", async () => {
    const { telemetry, metrics } = recordingTelemetry();
    const answer = telemetry.traceAnswer(async () => {
      throw "not even an error";
    });
    await expect(answer(QUESTION)).rejects.toBe("not even an error");
    expect(pointsOf(await metrics(), "rag_query_errors_total")).toEqual([
      { attributes: { stage: "llm_generation" }, value: 1 },
    ]);
  });

  test("that times out counts under deadline", async () => {
    const { telemetry, metrics } = recordingTelemetry();
    const answer = telemetry.traceAnswer(async () => {
      throw new RagError("deadline", "out of time");
    });
    await expect(answer(QUESTION)).rejects.toThrow();
    expect(pointsOf(await metrics(), "rag_query_errors_total")).toMatchObject([{ attributes: { stage: "deadline" } }]);
  });

  test("does not mix its stages' durations with those of an ingest", async () => {
    const { telemetry, metrics } = recordingTelemetry();
    const { answer, ingest } = tracedPipelines(telemetry);
    await ingest([{ id: "a", text: "one" }]);
    await answer(QUESTION);
    const { dataPoints } = histogramNamed(await metrics(), "rag_stage_duration_seconds");
    expect(dataPoints.map(({ attributes, value }) => [attributes.stage, value.count])).toEqual([
      ["embedding", 1],
      ["vector_search", 1],
      ["rerank", 1],
      ["llm_generation", 1],
    ]);
  });
});

describe("an ingest", () => {
  test("with a failed document is marked as failed and counts no query error", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const { ingest } = tracedPipelines(telemetry, { fail: { replace: new RangeError("disk full") } });
    const { documents } = await ingest([{ id: "a", text: "one" }]);
    expect(documents).toMatchObject([{ id: "a", status: "failed" }]);
    for (const name of ["rag.upsert", "rag.ingest"]) {
      expect(spanNamed(await spans(), name)).toMatchObject({
        status: { code: SpanStatusCode.ERROR },
        attributes: { "error.type": "RangeError" },
      });
    }
    expect(pointsOf(await metrics(), "rag_query_errors_total")).toEqual([]);
  });

  test("whose chunker throws ends the span of the chunker", async () => {
    const { telemetry, spans } = recordingTelemetry();
    await tracedPipelines(telemetry, { fail: { chunk: new SyntaxError("odd") } }).ingest([{ id: "a", text: "one" }]);
    expect(spanNamed(await spans(), "rag.chunk")).toMatchObject({
      ended: true,
      attributes: { "error.type": "SyntaxError" },
    });
  });

  test("reports each document when it is done", async () => {
    const { telemetry } = recordingTelemetry();
    const done: string[] = [];
    await tracedPipelines(telemetry).ingest([{ id: "a", text: "one" }], { onDone: ({ id }) => done.push(id) });
    expect(done).toEqual(["a"]);
  });
});

describe("a traced port", () => {
  test("is the same port: identity, settings and untraced calls", async () => {
    const { telemetry, spans } = recordingTelemetry();
    const ports = fakePorts();
    const { embedder, store, reranker, generator, chunker } = tracePorts(telemetry, ports);
    const { provider, model, address, dimensions } = embedder;
    expect({ provider, model, address, dimensions }).toEqual({
      provider: "openai",
      model: "text-embedding-3-small",
      address: "api.openai.example",
      dimensions: 2,
    });
    expect([reranker.model, generator.model, chunker.settings]).toEqual(["fused-scores", "gpt-4o-mini", "whole"]);
    expect(reranker).not.toHaveProperty("address");
    await store.ping();
    expect(await store.versions(["a"])).toEqual(new Map());
    expect(await store.remove("a")).toBeUndefined();
    expect(await spans()).toEqual([]);
  });

  test("that embeds a batch counts vectors, and is a cache hit only when none had to be computed", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const { embedder } = tracePorts(telemetry, fakePorts({ cacheHits: 1 }));
    await embedder.embed(["one", "two", "three"]);
    const recorded = await metrics();
    expect(pointsOf(recorded, "rag_embedding_cache_hits_total")).toEqual([{ attributes: {}, value: 1 }]);
    expect(pointsOf(recorded, "rag_embedding_cache_misses_total")).toEqual([{ attributes: {}, value: 2 }]);
    expect(spanNamed(await spans(), "rag.embedding").attributes).toMatchObject({
      "cache.hit": false,
      "text.length": 11,
    });
  });

  test("that reranks in another process is a client of it", async () => {
    const { telemetry, spans } = recordingTelemetry();
    const elsewhere: Reranker = {
      provider: "jina",
      model: "rerank-v2",
      address: "rerank.example",
      rerank: async () => [],
    };
    await tracePorts(telemetry, { reranker: elsewhere }).reranker.rerank("Where?", [], 3);
    expect(spanNamed(await spans(), "rag.rerank")).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: { "server.address": "rerank.example", "candidates.count": 0 },
    });
  });

  test("rethrows the port's own error", async () => {
    const { telemetry } = recordingTelemetry();
    const failure = new Error("down");
    const { embedder } = tracePorts(telemetry, fakePorts({ fail: { embed: failure } }));
    await expect(embedder.embed(["a"])).rejects.toBe(failure);
  });
});

test("errors outside the pipeline are counted by stage, those of the cache only within a query", async () => {
  const { telemetry, metrics } = recordingTelemetry();
  telemetry.recordQueryError("validation");
  telemetry.recordQueryError("cache");
  telemetry.recordQueryError("validation");
  const query = telemetry.traceAnswer(async () => {
    telemetry.recordQueryError("cache");
    throw new RagError("embedding", "down");
  });
  await query({ question: "Where?", topK: 1 }).catch(() => {});
  expect(pointsOf(await metrics(), "rag_query_errors_total")).toEqual([
    { attributes: { stage: "validation" }, value: 2 },
    { attributes: { stage: "cache" }, value: 1 },
    { attributes: { stage: "embedding" }, value: 1 },
  ]);
});

describe("an answer cache", () => {
  test.each([
    [true, "rag_answer_cache_hits_total", "rag_answer_cache_misses_total"],
    [false, "rag_answer_cache_misses_total", "rag_answer_cache_hits_total"],
  ])("that has the answer or not (%s) is recorded on the query span, and counted", async (hit, counted, other) => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const answer = createAnswer(fakePorts());
    await telemetry.traceAnswer(async (question) => {
      const made = await answer(question);
      return { ...made, cache: { embedding: false, answer: hit } };
    })(QUESTION);
    expect(spanNamed(await spans(), "rag.query").attributes["cache.answer.hit"]).toBe(hit);
    expect(pointsOf(await metrics(), counted)).toEqual([{ attributes: {}, value: 1 }]);
    expect(pointsOf(await metrics(), other)).toEqual([]);
  });

  test("that is absent records nothing", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    await tracedPipelines(telemetry).answer(QUESTION);
    expect(spanNamed(await spans(), "rag.query").attributes).not.toHaveProperty("cache.answer.hit");
    const names = (await metrics()).map(({ descriptor }) => descriptor.name);
    expect(names.filter((name) => name.startsWith("rag_answer_cache"))).toEqual([]);
  });
});
