import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute, metricsOf, type OtlpMetric, type OtlpSpan, spansOf } from "../support/otlp.ts";
import { type Receiver, startReceiver } from "../support/otlp-receiver.ts";
import { invoke, type Reply } from "./_lambda.ts";

const DOCUMENTS = [
  {
    id: "guide/bees.md",
    title: "Bees",
    text: "Bees tell each other where flowers are by a waggle dance.",
    topic_ids: [1],
  },
  {
    id: "guide/whales.md",
    title: "Whales",
    text: "Whales sing songs that travel hundreds of kilometres.",
    topic_ids: [2],
  },
];

let dataDir: string;
let collector: Receiver;
const spans: OtlpSpan[] = [];
const metrics: OtlpMetric[] = [];
let call: Record<
  "query" | "embed" | "health",
  (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>
>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "edge-rag-functions-"));
  const receiver = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics: (payload) => metrics.push(...metricsOf(payload)),
  });
  if (!receiver) throw new Error("no free port");
  collector = receiver;
  Object.assign(process.env, { RAG_DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const [query, embed, health] = await Promise.all([
    import("../../functions/query.ts"),
    import("../../functions/embed.ts"),
    import("../../functions/health.ts"),
  ]);
  call = {
    query: (...request) => invoke(query.handler, ...request),
    embed: (...request) => invoke(embed.handler, ...request),
    health: (...request) => invoke(health.handler, ...request),
  };
});
afterAll(async () => {
  collector.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function trace(traceId: string): Promise<OtlpSpan[]> {
  const of = () => spans.filter((span) => span.traceId === traceId);
  for (let tries = 0; of().length === 0 && tries < 100; tries++) await delay(20);
  return of();
}

describe("the functions, with embedded parts:", () => {
  it("embed stores documents, and does not change them when they are sent again", async () => {
    const first = await call.embed("POST", "/embed", { documents: DOCUMENTS });
    expect(first).toMatchObject({
      status: 200,
      body: { documents: DOCUMENTS.map(({ id }) => ({ id, status: "created", chunks: 1 })) },
    });
    const second = await call.embed("POST", "/embed", { documents: DOCUMENTS });
    expect(second.body.documents.map(({ status }: { status: string }) => status)).toEqual(["unchanged", "unchanged"]);
  });

  it("query answers with a quote and a citation of a stored chunk", async () => {
    const { status, body, headers } = await call.query("POST", "/query", {
      question: "How do bees tell where flowers are?",
    });
    expect(status).toBe(200);
    expect(body.answer).toBe("Bees\nBees tell each other where flowers are by a waggle dance. [1]");
    expect(body.citations[0]).toMatchObject({ index: 1, document_id: "guide/bees.md", text: DOCUMENTS[0]?.text });
    expect(body).toMatchObject({
      model: expect.stringContaining("no language model"),
      degraded: [],
      cache: { embedding: false },
    });
    expect(headers["server-timing"]).toContain(body.trace_id);
  });

  it("query reads the vector of a repeated question from the cache", async () => {
    const { body } = await call.query("POST", "/query", { question: "How do bees tell where flowers are?" });
    expect(body.cache).toEqual({ embedding: true });
  });

  it.each([{ topic_ids: [] }, { topic_ids: [99] }, { filter: {} }, { filter: { lang: "en" } }])(
    "query with %j returns a not-found answer without citations",
    async (restriction) => {
      const { status, body } = await call.query("POST", "/query", {
        question: "How do bees tell where flowers are?",
        ...restriction,
      });
      expect(status).toBe(200);
      expect(body.citations).toEqual([]);
      expect(body.answer).toMatch(/do not answer/);
    },
  );

  it("embed removes a document, and query no longer finds it", async () => {
    const removed = await call.embed("DELETE", "/embed/guide%2Fwhales.md");
    expect(removed).toMatchObject({ status: 200, body: { id: "guide/whales.md", status: "deleted", chunks: 1 } });
    const { body } = await call.query("POST", "/query", { question: "What do whales sing?" });
    expect(body.citations.map(({ document_id }: { document_id: string }) => document_id)).not.toContain(
      "guide/whales.md",
    );
  });

  it("health returns liveness and, with deep=1, dependencies and telemetry", async () => {
    expect(await call.health("GET", "/health")).toMatchObject({ status: 200, body: { status: "ok" } });
    const { status, body } = await call.health("GET", "/health?deep=1");
    expect(status).toBe(200);
    expect(body.dependencies.map(({ name, status }: Record<string, string>) => [name, status])).toEqual([
      ["store (sqlite)", "ok"],
      ["embedder (all-MiniLM-L6-v2)", "ok"],
    ]);
    expect(body.telemetry.enabled).toBe(true);
  });

  it("query exports a trace of every stage, as part of the caller's trace, and metrics", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const { body } = await call.query("POST", "/query", { question: "What is a waggle dance?" }, { traceparent });
    expect(body.trace_id).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
    const received = await trace(body.trace_id);
    const byName = new Map(received.map((span) => [span.name, span]));
    const parentOf = (name: string) => received.find(({ spanId }) => spanId === byName.get(name)?.parentSpanId)?.name;
    expect([...byName.keys()].toSorted()).toEqual([
      "POST /query",
      "rag.embedding",
      "rag.llm_generation",
      "rag.query",
      "rag.rerank",
      "rag.vector_search",
    ]);
    expect(byName.get("POST /query")?.parentSpanId).toBe("00f067aa0ba902b7");
    expect(parentOf("rag.query")).toBe("POST /query");
    for (const stage of ["rag.embedding", "rag.vector_search", "rag.rerank", "rag.llm_generation"]) {
      expect(parentOf(stage)).toBe("rag.query");
    }
    // Traces and metrics are exported side by side, so the metrics may arrive later.
    await expect
      .poll(() => metrics.map(({ name }) => name))
      .toEqual(
        expect.arrayContaining([
          "rag_query_duration_seconds",
          "rag_stage_duration_seconds",
          "rag_embedding_cache_hits_total",
          "rag_embedding_cache_misses_total",
          "rag_vector_search_results_count",
          "http.server.request.duration",
          "faas.coldstarts",
        ]),
      );
  });

  it("query counts an invalid question as a validation error", async () => {
    const { body } = await call.query("POST", "/query", {});
    await trace(body.trace_id);
    await expect
      .poll(() =>
        metrics
          .find(({ name }) => name === "rag_query_errors_total")
          ?.sum?.dataPoints?.map((point) => attribute(point, "stage")),
      )
      .toEqual(["validation"]);
  });

  it.each([1, 1_000_000])("embed accepts a document of %i characters", { timeout: 600_000 }, async (length) => {
    const text = "Ω".repeat(length);
    const { status, body } = await call.embed("POST", "/embed", { documents: [{ id: `long-${length}`, text }] });
    expect(status).toBe(200);
    expect(body.documents[0]).toMatchObject({ status: "created" });
  });

  it("query finds emoji, right-to-left and CJK text", async () => {
    const documents = [
      { id: "ja", title: "東京", text: "東京タワーは東京都港区にある電波塔である。" },
      { id: "he", title: "ירושלים", text: "ירושלים היא עיר הבירה של ישראל." },
      { id: "emoji", title: "🎉", text: "🎉🎂 means a birthday party 👩‍👩‍👧‍👦." },
    ];
    const { body } = await call.embed("POST", "/embed", { documents });
    expect(body.documents.map(({ status }: { status: string }) => status)).toEqual(["created", "created", "created"]);
    for (const [question, id] of [
      ["東京タワーはどこですか", "ja"],
      ["מהי עיר הבירה של ישראל?", "he"],
      ["🎉🎂 birthday?", "emoji"],
    ]) {
      const { body } = await call.query("POST", "/query", { question });
      expect(body.citations[0].document_id).toBe(id);
      expect(documents.find((document) => document.id === id)?.text).toContain(body.citations[0].text);
    }
  });

  it("health returns 200 for a GET with a body", async () => {
    expect((await call.health("GET", "/health", "x")).status).toBe(200);
  });
});
