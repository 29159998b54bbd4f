import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../local-stack/dev/gateway.ts";
import { freePorts } from "../../local-stack/stack/ports.ts";
import { type JaegerTrace, parentOf, spanOf, tagsOf } from "./_jaeger.ts";
import { figure } from "./_report.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";

const ROOT = join(import.meta.dirname, "../..");

let stack: TestStack;
let gateway: Gateway;
let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "edge-rag-pipeline-"));
  const started = performance.now();
  stack = await startStack();
  const stackMs = performance.now() - started;
  const [port = 0] = await freePorts(1);
  Object.assign(process.env, {
    RAG_DATA_DIR: dataDir,
    OTEL_EXPORTER_OTLP_ENDPOINT: stack.urls.otlp,
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=stack-test",
  });
  gateway = await startGateway(ROOT, port);
  const asked = performance.now();
  const { traceId } = await call("GET", "/openapi.json");
  await traceOf(traceId);
  const firstTraceMs = stackMs + (performance.now() - asked);
  figure("time from the start of the stack to the first visible trace, without the start of the gateway", "≤ 15 s", [
    `${(firstTraceMs / 1_000).toFixed(1)} s`,
  ]);
  await call("POST", "/embed", {
    documents: [
      {
        id: "bees.md",
        title: "Bees",
        text: "Bees tell each other where flowers are by a waggle dance.",
        topic_ids: [1],
      },
    ],
  });
});
afterAll(async () => {
  await gateway?.stop();
  await stack?.down();
  rmSync(dataDir, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; traceId: string }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.body?.cancel();
  const traceparent = /traceparent;desc="00-([0-9a-f]{32})-/.exec(response.headers.get("server-timing") ?? "");
  return { status: response.status, traceId: traceparent?.[1] ?? "" };
}

/** The complete trace, within ten seconds. */
async function traceOf(id: string, spans = 1): Promise<JaegerTrace> {
  const trace = await eventually(
    () => stack.traces.trace(id),
    (trace) => (trace?.spans.length ?? 0) >= spans,
    10_000,
  );
  if (!trace) throw new Error(`Jaeger has no trace ${id} after 10 s`);
  return trace;
}

const ask = (question: string) => call("POST", "/query", { question });

test("the trace of a question is in Jaeger within ten seconds, with parents, kinds and attributes", async () => {
  const { status, traceId } = await ask("How do bees tell where flowers are?");
  expect(status).toBe(200);
  const trace = await traceOf(traceId, 6);

  const described = Object.fromEntries(
    trace.spans.map((span) => [span.operationName, [tagsOf(span)["span.kind"] ?? "internal", parentOf(trace, span)]]),
  );
  expect(described).toEqual({
    "POST /query": ["server", undefined],
    "rag.query": ["internal", "POST /query"],
    "rag.embedding": ["client", "rag.query"],
    "rag.vector_search": ["client", "rag.query"],
    "rag.rerank": ["internal", "rag.query"],
    "rag.llm_generation": ["client", "rag.query"],
  });
  expect(tagsOf(spanOf(trace, "POST /query"))).toMatchObject({
    "http.request.method": "POST",
    "http.route": "/query",
    "http.response.status_code": 200,
    "url.path": "/query",
    "faas.trigger": "http",
    "faas.coldstart": true,
    "openinference.span.kind": "CHAIN",
  });
  expect(tagsOf(spanOf(trace, "rag.query"))).toMatchObject({
    "query.length": 35,
    "results.count": 1,
    "cache.hit": false,
  });
  expect(tagsOf(spanOf(trace, "rag.embedding"))).toMatchObject({
    "cache.hit": false,
    "text.length": 35,
    "gen_ai.operation.name": "embeddings",
    "gen_ai.embeddings.dimension.count": 384,
  });
  expect(tagsOf(spanOf(trace, "rag.vector_search"))).toMatchObject({
    "results.count": 1,
    "db.system.name": "sqlite",
    "db.operation.name": "search",
    "db.response.returned_rows": 1,
  });
  expect(tagsOf(spanOf(trace, "rag.rerank"))).toMatchObject({ "candidates.count": 1, "results.count": 1 });
  expect(tagsOf(spanOf(trace, "rag.llm_generation"))).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.response.finish_reasons": '["stop"]',
  });
  expect(JSON.stringify(trace)).not.toMatch(/flowers|waggle/);
});

test("the functions' metrics are in Prometheus by service, environment and function", async () => {
  const { queries } = stack;
  await ask("How do bees tell where flowers are?");
  const labels = '{service_name="edge-rag",deployment_environment_name="stack-test",faas_name=~"edge-rag-.+-query"}';
  const value = (metric: string) => queries.value(`sum(${metric}${labels})`);
  expect(
    await eventually(
      () => value("rag_query_duration_seconds_count"),
      (count) => count === 2,
    ),
  ).toBe(2);
  expect(await value("rag_embedding_cache_hits_total")).toBe(1);
  expect(await value("rag_embedding_cache_misses_total")).toBe(1);
  expect(await value("rag_vector_search_results_count_sum")).toBe(2);
  expect(await value("rag_retrieval_score_count")).toBe(4);
  expect(await value("faas_coldstarts_total")).toBe(1);
  const stages = await queries.query(`sum by (stage) (rag_stage_duration_seconds_count${labels})`);
  expect(Object.fromEntries(stages.map(({ labels: { stage }, value }) => [stage, value]))).toEqual({
    embedding: 2,
    vector_search: 2,
    rerank: 2,
    llm_generation: 2,
  });
});

test("the trace of a failed question shows the failed stage", async () => {
  // Breaks the store, so that every search fails from now on.
  const database = new DatabaseSync(join(dataDir, "store.db"));
  database.exec("ALTER TABLE chunks RENAME TO gone");
  database.close();

  const { status, traceId } = await ask("Where do bees dance?");
  expect(status).toBe(503);
  const trace = await traceOf(traceId, 4);
  const failed = trace.spans.filter((span) => tagsOf(span).error === true).map(({ operationName }) => operationName);
  expect(failed.sort()).toEqual(["POST /query", "rag.query", "rag.vector_search"]);
  expect(tagsOf(spanOf(trace, "rag.vector_search"))["error.type"]).toMatch(/^\w+$/);
  expect(tagsOf(spanOf(trace, "POST /query"))).toMatchObject({ "http.response.status_code": 503, "error.type": "503" });
  const errors = 'sum(rag_query_errors_total{stage="vector_search"})';
  expect(
    await eventually(
      () => stack.queries.value(errors),
      (count) => count === 1,
    ),
  ).toBe(1);
});
