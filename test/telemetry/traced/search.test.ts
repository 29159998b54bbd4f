import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AggregationTemporality } from "@opentelemetry/sdk-metrics";
import { expect, test } from "vitest";
import { AbandonedError, RagError } from "#rag/errors.ts";
import {
  histogramNamed,
  INVOCATION,
  pointsOf,
  post,
  recordingTelemetry,
  spanNamed,
  tracedPipelines,
} from "../_setup.ts";

const QUESTION = { question: "Where is the lamp?", topK: 1, filter: { topicIds: [1, 2] } };

test("a search is a span with its stages below it, and none of a generation", async () => {
  const { telemetry, spans } = recordingTelemetry();
  const { search } = tracedPipelines(telemetry);
  const route = { ...INVOCATION, route: "/search" };
  await telemetry.serve(post("/search"), route, async () => Response.json(await search(QUESTION)));
  const recorded = await spans();
  const root = spanNamed(recorded, "rag.search");
  expect(root).toMatchObject({ kind: SpanKind.INTERNAL, status: { code: SpanStatusCode.UNSET } });
  expect(root.attributes).toEqual({
    "query.length": 18,
    "topic_ids.count": 2,
    "results.count": 1,
    "cache.hit": false,
    "openinference.span.kind": "CHAIN",
  });
  const parents = recorded.map(({ name, parentSpanContext }) => [
    name,
    recorded.find((span) => span.spanContext().spanId === parentSpanContext?.spanId)?.name,
  ]);
  expect(Object.fromEntries(parents)).toEqual({
    "POST /search": undefined,
    "rag.search": "POST /search",
    "rag.embedding": "rag.search",
    "rag.vector_search": "rag.search",
    "rag.rerank": "rag.search",
  });
});

test("a search counts its stages, and its duration apart from that of queries", async () => {
  const { telemetry, metrics } = recordingTelemetry();
  await tracedPipelines(telemetry).search(QUESTION);
  const recorded = await metrics();
  expect(pointsOf(recorded, "rag_stage_duration_seconds").map(({ attributes }) => attributes)).toEqual([
    { stage: "embedding" },
    { stage: "vector_search" },
    { stage: "rerank" },
  ]);
  expect(pointsOf(recorded, "rag_query_duration_seconds")).toEqual([]);
  const { aggregationTemporality, dataPoints } = histogramNamed(recorded, "rag_search_duration_seconds");
  expect(aggregationTemporality).toBe(AggregationTemporality.DELTA);
  expect(dataPoints.map(({ attributes, value }) => [attributes, value.count])).toEqual([[{ outcome: "found" }, 1]]);
});

test("a search without results is no error", async () => {
  const { telemetry, metrics } = recordingTelemetry();
  await tracedPipelines(telemetry, { scores: [] }).search(QUESTION);
  const recorded = await metrics();
  expect(pointsOf(recorded, "rag_search_duration_seconds")).toMatchObject([{ attributes: { outcome: "not_found" } }]);
  expect(pointsOf(recorded, "rag_query_errors_total")).toEqual([]);
});

test("a search without a stage is degraded, and counts the stage's error", async () => {
  const { telemetry, spans, metrics } = recordingTelemetry();
  const { search } = tracedPipelines(telemetry, { fail: { rerank: new RangeError("no such thing") } });
  await search(QUESTION);
  const recorded = await metrics();
  expect(pointsOf(recorded, "rag_query_degraded_total")).toEqual([{ attributes: { stage: "rerank" }, value: 1 }]);
  expect(pointsOf(recorded, "rag_query_errors_total")).toEqual([{ attributes: { stage: "rerank" }, value: 1 }]);
  expect(spanNamed(await spans(), "rag.search")).toMatchObject({
    attributes: { "rag.degraded": ["rerank"] },
    events: [{ name: "rag.degraded", attributes: { "rag.stage": "rerank", "error.type": "RangeError" } }],
  });
});

test.each([
  ["whose store fails", new RagError("vector_search", "down"), "error", "vector_search"],
  ["that fails outside all stages", new TypeError("a mistake of ours"), "error", "vector_search"],
  ["that runs out of time", new RagError("deadline", "out of time"), "error", "deadline"],
  ["whose caller disconnects", new AbandonedError(), "abandoned", undefined],
])("a search %s ends its span with an error, and is counted once", async (_name, failure, outcome, stage) => {
  const { telemetry, spans, metrics } = recordingTelemetry();
  await expect(telemetry.traceSearch(() => Promise.reject(failure))(QUESTION)).rejects.toBe(failure);
  const recorded = await metrics();
  expect(pointsOf(recorded, "rag_search_duration_seconds")).toMatchObject([{ attributes: { outcome } }]);
  expect(pointsOf(recorded, "rag_query_errors_total")).toEqual(stage ? [{ attributes: { stage }, value: 1 }] : []);
  expect(spanNamed(await spans(), "rag.search").status.code).toBe(SpanStatusCode.ERROR);
});

test("the question of a search is recorded only with content capture", async () => {
  for (const captureContent of [false, true]) {
    const { telemetry, spans } = recordingTelemetry({ captureContent });
    const { search } = tracedPipelines(telemetry);
    await telemetry.serve(post("/search"), { ...INVOCATION, route: "/search" }, async () =>
      Response.json(await search(QUESTION)),
    );
    for (const name of ["POST /search", "rag.search"]) {
      const recorded = spanNamed(await spans(), name).attributes["input.value"];
      expect(recorded).toBe(captureContent ? QUESTION.question : undefined);
    }
  }
});
