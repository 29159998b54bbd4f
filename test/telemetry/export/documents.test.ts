import { ROOT_CONTEXT } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import { spansRequest } from "#telemetry/export/json-spans.ts";
import { SpanBuffer } from "#telemetry/record/span-buffer.ts";
import { deferDocuments, setDeferredDocuments } from "#telemetry/record/span-documents.ts";
import { exportingTo, type Json, requestTo, startReceiver } from "../_otlp.ts";
import { recordingTelemetry, spanNamed, tracedPipelines } from "../_setup.ts";

const SCORES = [0.9, 0.7, 0.4, 0.2];
const QUESTION = { question: "Where is the lamp?", topK: 4 };

/** The attributes of each span of a query that a collector receives, by the span's name. */
async function received(env: Record<string, string>): Promise<Record<string, Json>> {
  const receiver = await startReceiver();
  const { telemetry } = exportingTo(receiver, env);
  await tracedPipelines(telemetry, { scores: SCORES }).answer(QUESTION);
  await telemetry.flush(5_000);
  const request = JSON.parse(requestTo(receiver.requests, "/v1/traces").body.toString());
  await telemetry.shutdown(500);
  const spans: Json[] = request.resourceSpans[0].scopeSpans[0].spans;
  return Object.fromEntries(
    spans.map(({ name, attributes, droppedAttributesCount }) => [
      name,
      { ...Object.fromEntries(attributes.map(({ key, value }: Json) => [key, value])), droppedAttributesCount },
    ]),
  );
}

test("deferred documents are the same bytes as attributes of the span would be", () => {
  const buffer = new SpanBuffer();
  const tracer = new BasicTracerProvider({ spanProcessors: [buffer] }).getTracer("test");
  const documents = SCORES.map((score, index) => ({ chunkId: `a "chunk" ${index}`, score }));
  const [bare, full, none] = ["bare", "full", "none"].map((name) => tracer.startSpan(name, {}, ROOT_CONTEXT));
  if (bare) deferDocuments(bare, "retrieval.documents", documents, 4);
  full?.setAttribute("results.count", 4);
  if (full) deferDocuments(full, "reranker.input_documents", documents, 4);
  if (full) deferDocuments(full, "reranker.output_documents", documents, 2);
  if (none) deferDocuments(none, "retrieval.documents", [], 0);
  for (const span of [bare, full, none]) span?.end();

  const spans = buffer.take().flat();
  const written = Buffer.from(spansRequest(spans)).toString();
  setDeferredDocuments(spans);
  expect(Object.keys(spans[1]?.attributes ?? {})).toHaveLength(1 + 2 * (4 + 2));
  expect(written).toBe(Buffer.from(JsonTraceSerializer.serializeRequest(spans) as Uint8Array).toString());
  setDeferredDocuments(spans);
  expect(Buffer.from(spansRequest(spans)).toString()).toBe(written);
});

test("documents are the same whether they are deferred or, with a limit that none reaches, attributes at once", async () => {
  const deferred = await received({});
  expect(deferred["rag.vector_search"]).toMatchObject({
    "retrieval.documents.3.document.id": { stringValue: "chunk-3" },
    "retrieval.documents.3.document.score": { doubleValue: 0.2 },
  });
  const { "rag.query": _, ...stages } = await received({ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "128" });
  for (const name of ["rag.vector_search", "rag.rerank"]) expect(stages[name]).toEqual(deferred[name]);
});

test("the limits of a span's attributes hold for documents", async () => {
  const count = await received({ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "12" });
  const { droppedAttributesCount, ...kept } = count["rag.vector_search"];
  expect(Object.keys(kept)).toHaveLength(12);
  expect(droppedAttributesCount).toBeGreaterThan(0);
  const length = await received({ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "3" });
  expect(length["rag.rerank"]["reranker.input_documents.0.document.id"]).toEqual({ stringValue: "chu" });
});

test("another exporter sees documents as attributes", async () => {
  const { telemetry, spans } = recordingTelemetry();
  await tracedPipelines(telemetry, { scores: SCORES }).answer(QUESTION);
  expect(spanNamed(await spans(), "rag.vector_search").attributes).toMatchObject({
    "retrieval.documents.0.document.id": "chunk-0",
    "retrieval.documents.0.document.score": 0.9,
  });
});
