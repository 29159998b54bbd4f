import { SpanKind } from "@opentelemetry/api";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import { expect, onTestFinished, test, vi } from "vitest";
import { VERSION } from "#telemetry/sdk/version.ts";
import {
  histogramNamed,
  INVOCATION,
  pointsOf,
  post,
  recordingTelemetry,
  spanNamed,
  tracedPipelines,
} from "./_setup.ts";

const QUESTION = { question: "Where is the lamp?", topK: 1, filter: { topicIds: [1, 2] } };

/** A query and an ingest of two documents, one of them sent before, inside server spans. */
async function everything() {
  const recorded = recordingTelemetry();
  const { telemetry } = recorded;
  const { answer, ingest } = tracedPipelines(telemetry);
  await telemetry.serve(post("/query?key=secret"), INVOCATION, async () => Response.json(await answer(QUESTION)));
  await ingest([{ id: "a", text: "one" }]);
  await recorded.spans();
  const embed = { ...INVOCATION, route: "/embed", coldStart: false };
  await telemetry.serve(post("/embed"), embed, async () => {
    await ingest([
      { id: "a", text: "one" },
      { id: "b", text: "two" },
    ]);
    return new Response(null, { status: 200 });
  });
  const spans = await recorded.spans();
  const { traceId } = spanNamed(spans, "POST /embed").spanContext();
  return {
    spans,
    query: spans.filter((span) => span.spanContext().traceId === spanNamed(spans, "POST /query").spanContext().traceId),
    embed: spans.filter((span) => span.spanContext().traceId === traceId),
    metrics: await recorded.metrics(),
    scopes: await recorded.scopes(),
  };
}

test("a query creates the spans of the contract, with their kinds and attributes", async () => {
  const { query } = await everything();
  const described = Object.fromEntries(
    query.map(({ name, kind, attributes }) => [name, { kind: SpanKind[kind], attributes }]),
  );
  expect(described).toEqual({
    "POST /query": {
      kind: "SERVER",
      attributes: {
        "http.request.method": "POST",
        "http.route": "/query",
        "http.response.status_code": 200,
        "url.path": "/query",
        "url.scheme": "https",
        "faas.trigger": "http",
        "faas.invocation.id": "request-1",
        "faas.coldstart": true,
        "cloud.resource_id": "arn:aws:lambda:eu-central-1:123456789012:function:query",
        "openinference.span.kind": "CHAIN",
      },
    },
    "rag.query": {
      kind: "INTERNAL",
      attributes: {
        "query.length": 18,
        "topic_ids.count": 2,
        "results.count": 1,
        "tokens.prompt": 120,
        "tokens.completion": 30,
        "cache.hit": false,
        "openinference.span.kind": "CHAIN",
      },
    },
    "rag.embedding": {
      kind: "CLIENT",
      attributes: {
        "cache.hit": false,
        "text.length": 18,
        "model.name": "text-embedding-3-small",
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "text-embedding-3-small",
        "gen_ai.response.model": "text-embedding-3-small",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.embeddings.dimension.count": 2,
        "server.address": "api.openai.example",
        "server.port": 443,
        "openinference.span.kind": "EMBEDDING",
        "embedding.model_name": "text-embedding-3-small",
      },
    },
    "rag.vector_search": {
      kind: "CLIENT",
      attributes: {
        "results.count": 2,
        "score.max": 0.9,
        "score.min": 0.4,
        "db.system.name": "qdrant",
        "db.collection.name": "edge-rag",
        "db.operation.name": "search",
        "db.response.returned_rows": 2,
        "gen_ai.retrieval.top_k": 50,
        "server.address": "qdrant.example",
        "server.port": 6333,
        "openinference.span.kind": "RETRIEVER",
        "retrieval.documents.0.document.id": "chunk-0",
        "retrieval.documents.0.document.score": 0.9,
        "retrieval.documents.1.document.id": "chunk-1",
        "retrieval.documents.1.document.score": 0.4,
      },
    },
    "rag.rerank": {
      kind: "INTERNAL",
      attributes: {
        "candidates.count": 2,
        "results.count": 1,
        "score.max": 0.45,
        "score.min": 0.45,
        "model.name": "fused-scores",
        "openinference.span.kind": "RERANKER",
        "reranker.model_name": "fused-scores",
        "reranker.top_k": 1,
        "reranker.input_documents.0.document.id": "chunk-0",
        "reranker.input_documents.0.document.score": 0.9,
        "reranker.input_documents.1.document.id": "chunk-1",
        "reranker.input_documents.1.document.score": 0.4,
        "reranker.output_documents.0.document.id": "chunk-0",
        "reranker.output_documents.0.document.score": 0.45,
      },
    },
    "rag.llm_generation": {
      kind: "CLIENT",
      attributes: {
        "model.name": "gpt-4o-mini",
        "tokens.prompt": 120,
        "tokens.completion": 30,
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 120,
        "gen_ai.usage.output_tokens": 30,
        "server.address": "api.openai.example",
        "server.port": 443,
        "openinference.span.kind": "LLM",
      },
    },
  });
});

test("an ingest creates the spans of the contract, and none for an unchanged document", async () => {
  const { embed } = await everything();
  expect(embed.map(({ name }) => name).sort()).toEqual([
    "POST /embed",
    "rag.chunk",
    "rag.embedding",
    "rag.ingest",
    "rag.upsert",
  ]);
  expect(spanNamed(embed, "rag.ingest")).toMatchObject({
    kind: SpanKind.INTERNAL,
    attributes: { "documents.count": 2, "chunks.count": 2, "chunks.unchanged": 1, "openinference.span.kind": "CHAIN" },
  });
  expect(spanNamed(embed, "rag.chunk")).toMatchObject({
    kind: SpanKind.INTERNAL,
    attributes: { "text.length": 3, "chunks.count": 1, "openinference.span.kind": "CHAIN" },
  });
  expect(spanNamed(embed, "rag.upsert")).toMatchObject({
    kind: SpanKind.CLIENT,
    attributes: {
      "chunks.count": 1,
      "db.system.name": "qdrant",
      "db.collection.name": "edge-rag",
      "db.operation.name": "upsert",
      "server.address": "qdrant.example",
      "server.port": 6333,
      "openinference.span.kind": "CHAIN",
    },
  });
});

test("every span is a child of its caller's", async () => {
  const { query, embed } = await everything();
  const parents = (spans: typeof query) =>
    Object.fromEntries(
      spans.map((span) => [
        span.name,
        spans.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId)?.name,
      ]),
    );
  expect(parents(query)).toEqual({
    "POST /query": undefined,
    "rag.query": "POST /query",
    "rag.embedding": "rag.query",
    "rag.vector_search": "rag.query",
    "rag.rerank": "rag.query",
    "rag.llm_generation": "rag.query",
  });
  expect(parents(embed)).toEqual({
    "POST /embed": undefined,
    "rag.ingest": "POST /embed",
    "rag.chunk": "rag.ingest",
    "rag.embedding": "rag.ingest",
    "rag.upsert": "rag.ingest",
  });
});

const STAGE_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

test.each([
  ["rag_query_duration_seconds", "s", STAGE_SECONDS],
  ["rag_stage_duration_seconds", "s", STAGE_SECONDS],
  ["rag_vector_search_results_count", "{result}", [0, 1, 2, 5, 10, 20, 50, 100]],
  ["rag_retrieval_score", "{score}", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
  ["gen_ai.client.embeddings.operation.input_tokens", "{token}", TOKENS],
  ["gen_ai.client.embeddings.duration", "s", STAGE_SECONDS],
  ["gen_ai.client.inference.duration", "s", STAGE_SECONDS],
  ["http.server.request.duration", "s", HTTP_SECONDS],
  ["faas.init_duration", "s", HTTP_SECONDS],
])("%s is a delta histogram in %s with the buckets of the contract", async (name, unit, boundaries) => {
  const { metrics } = await everything();
  const histogram = histogramNamed(metrics, name);
  expect(histogram.descriptor.unit).toBe(unit);
  expect(histogram.aggregationTemporality).toBe(AggregationTemporality.DELTA);
  expect(histogram.dataPoints[0]?.value.buckets.boundaries).toEqual(boundaries);
});

test.each([
  ["rag_embedding_cache_misses_total", "{vector}"],
  ["rag_openai_tokens_total", "{token}"],
  ["rag_openai_cost_usd_total", "{USD}"],
  ["gen_ai.client.inference.usage.input_tokens", "{token}"],
  ["gen_ai.client.inference.usage.output_tokens", "{token}"],
  ["faas.coldstarts", "{coldstart}"],
])("%s is a delta counter in %s", async (name, unit) => {
  const { metrics } = await everything();
  const metric = metrics.find(({ descriptor }) => descriptor.name === name);
  expect(metric).toMatchObject({
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    aggregationTemporality: AggregationTemporality.DELTA,
    descriptor: { unit },
  });
});

test("the time to a streamed answer's first chunk is on its span, and in a histogram with the attributes of the duration", async () => {
  const { telemetry, spans, metrics } = recordingTelemetry();
  const emitted: string[] = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { answer } = tracedPipelines(telemetry, { delayMs: () => 20 });
  const answered = answer(QUESTION, { onDelta: (text) => void emitted.push(text) });
  await vi.runAllTimersAsync();
  await answered;
  vi.useRealTimers();
  expect(emitted).toEqual(["canary-answer", " [1]"]);

  const recorded = await metrics();
  const name = "gen_ai.client.inference.time_to_first_chunk";
  const { descriptor, aggregationTemporality, dataPoints } = histogramNamed(recorded, name);
  expect({ unit: descriptor.unit, aggregationTemporality }).toEqual({
    unit: "s",
    aggregationTemporality: AggregationTemporality.DELTA,
  });
  expect(dataPoints[0]?.value.buckets.boundaries).toEqual(STAGE_SECONDS);
  const [first, ...more] = pointsOf(recorded, name);
  const duration = pointsOf(recorded, "gen_ai.client.inference.duration").at(-1);
  expect(more).toEqual([]);
  expect(first?.attributes).toEqual(duration?.attributes);
  expect(first?.value).toBeCloseTo(0.02);
  expect(duration?.value).toBeCloseTo(0.04);
  expect(spanNamed(await spans(), "rag.llm_generation").attributes).toMatchObject({
    "gen_ai.request.stream": true,
    "gen_ai.response.time_to_first_chunk": first?.value,
  });
});

test("an answer in one piece has no time to first chunk", async () => {
  const { telemetry, metrics } = recordingTelemetry();
  await tracedPipelines(telemetry).answer(QUESTION);
  expect(pointsOf(await metrics(), "gen_ai.client.inference.time_to_first_chunk")).toEqual([]);
});

test("metrics carry the attributes of the contract and the values of the query", async () => {
  const recorded = recordingTelemetry();
  const { answer } = tracedPipelines(recorded.telemetry);
  await recorded.telemetry.serve(post("/query"), INVOCATION, async () => Response.json(await answer(QUESTION)));
  const metrics = await recorded.metrics();

  const attributesOf = (name: string) => pointsOf(metrics, name).map(({ attributes }) => attributes);
  const chat = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "server.address": "api.openai.example",
    "server.port": 443,
  };
  const embeddings = {
    "gen_ai.operation.name": "embeddings",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "text-embedding-3-small",
    "gen_ai.response.model": "text-embedding-3-small",
    "server.address": "api.openai.example",
    "server.port": 443,
  };
  expect(attributesOf("rag_query_duration_seconds")).toEqual([{ outcome: "answered" }]);
  expect(attributesOf("rag_stage_duration_seconds")).toEqual([
    { stage: "embedding" },
    { stage: "vector_search" },
    { stage: "rerank" },
    { stage: "llm_generation" },
  ]);
  expect(pointsOf(metrics, "rag_embedding_cache_misses_total")).toEqual([{ attributes: {}, value: 1 }]);
  expect(pointsOf(metrics, "rag_vector_search_results_count")).toEqual([{ attributes: {}, value: 2 }]);
  expect(pointsOf(metrics, "rag_retrieval_score")).toEqual([
    { attributes: { stage: "vector_search" }, value: 0.9 },
    { attributes: { stage: "rerank" }, value: 0.45 },
  ]);
  expect(pointsOf(metrics, "rag_openai_tokens_total")).toEqual([
    { attributes: { type: "prompt", model: "text-embedding-3-small" }, value: 7 },
    { attributes: { type: "prompt", model: "gpt-4o-mini-2024-07-18" }, value: 120 },
    { attributes: { type: "completion", model: "gpt-4o-mini-2024-07-18" }, value: 30 },
  ]);
  expect(pointsOf(metrics, "rag_openai_cost_usd_total")).toEqual([
    { attributes: { model: "text-embedding-3-small" }, value: 1.4e-7 },
    { attributes: { model: "gpt-4o-mini-2024-07-18" }, value: 0.0005 },
  ]);
  expect(pointsOf(metrics, "gen_ai.client.embeddings.operation.input_tokens")).toEqual([
    { attributes: embeddings, value: 7 },
  ]);
  const text = { ...chat, "gen_ai.token.modality": "text" };
  expect(pointsOf(metrics, "gen_ai.client.inference.usage.input_tokens")).toEqual([{ attributes: text, value: 120 }]);
  expect(pointsOf(metrics, "gen_ai.client.inference.usage.output_tokens")).toEqual([{ attributes: text, value: 30 }]);
  expect(attributesOf("gen_ai.client.embeddings.duration")).toEqual([embeddings]);
  expect(attributesOf("gen_ai.client.inference.duration")).toEqual([chat]);
  expect(attributesOf("http.server.request.duration")).toEqual([
    { "http.request.method": "POST", "http.route": "/query", "http.response.status_code": 200, "url.scheme": "https" },
  ]);
  expect(pointsOf(metrics, "faas.coldstarts")).toEqual([{ attributes: { "faas.trigger": "http" }, value: 1 }]);
  expect(pointsOf(metrics, "faas.init_duration")).toEqual([{ attributes: { "faas.trigger": "http" }, value: 0.25 }]);
});

test("the resource and the scopes name the conventions that they follow, and the version", async () => {
  const { spans, scopes } = await everything();
  const genAi = "https://opentelemetry.io/schemas/gen-ai/0.1.0";
  expect(spans[0]?.instrumentationScope).toEqual({ name: "edge-rag", version: VERSION, schemaUrl: genAi });
  expect(spans[0]?.resource.schemaUrl).toBe("https://opentelemetry.io/schemas/1.45.0");
  expect(scopes).toContainEqual({ name: "edge-rag", version: VERSION, schemaUrl: genAi });
});

test("the resource names the service, this process and the SDK", async () => {
  const { spans } = await everything();
  expect(spans[0]?.resource.attributes).toMatchObject({
    "service.name": "edge-rag-test",
    "service.version": VERSION,
    "service.instance.id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    "deployment.environment.name": "test",
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": expect.any(String),
  });
});
