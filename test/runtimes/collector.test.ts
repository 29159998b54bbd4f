import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bees, CALLER, OPEN_SETTINGS, question, type Requests } from "../functions/_rollback-requests.ts";
import { replyOn, replyOnLambda } from "../functions/_server.ts";
import { attribute } from "../support/otlp.ts";
import { type Collector, startRealCollector } from "./_collector.ts";
import { RUNTIMES, WORKERD } from "./_runtimes.ts";

let collector: Collector;
beforeAll(async () => {
  collector = await startRealCollector();
}, 900_000);
afterAll(() => collector?.stop());

const PARENT = "00f067aa0ba902b7";
const REQUESTS: Requests = [
  [200, { to: "embed", request: "POST /embed", body: { documents: [bees] } }],
  [
    200,
    {
      ...{ to: "query", request: "POST /query", body: { question } },
      headers: { traceparent: `00-${CALLER}-${PARENT}-01` },
    },
  ],
];

/** As the fake services count those of a document, a question and its answer. */
const TOKENS = 124;

/** Each span with its parent. */
const SPANS = [
  ...["POST /embed in nothing", "POST /query in the caller's span"],
  ...["rag.chunk in rag.ingest", "rag.embedding in rag.ingest", "rag.embedding in rag.query"],
  ...["rag.ingest in POST /embed", "rag.llm_generation in rag.query", "rag.query in POST /query"],
  ...["rag.rerank in rag.query", "rag.upsert in rag.ingest", "rag.vector_search in rag.query"],
];

function spansFrom(service: string): string[] {
  const spans = collector.spansFrom(service);
  // Servers are asked until they are ready.
  const isHealth = (name: string) => name === "GET /health";
  const nameOf = (id?: string) =>
    id === PARENT ? "the caller's span" : spans.find(({ spanId }) => spanId === id)?.name;
  return spans
    .filter(({ name }) => !isHealth(name))
    .map(({ name, parentSpanId }) => `${name} in ${nameOf(parentSpanId) ?? "nothing"}`)
    .toSorted();
}

/** Queries that the histogram has, and tokens of the counter, by all points. */
function countsFrom(service: string): { queries: number; tokens: number; requests: number } {
  const pointsOf = (wanted: string) =>
    collector
      .metricsFrom(service)
      .filter(({ name }) => name === wanted)
      .flatMap(({ sum, histogram }) => (sum ?? histogram)?.dataPoints ?? []);
  const total = (values: readonly (number | string)[]) => values.reduce((sum: number, value) => sum + Number(value), 0);
  return {
    queries: total(pointsOf("rag_query_duration_seconds").map(({ count = 0 }) => count)),
    tokens: total(pointsOf("rag_openai_tokens_total").map(({ asInt, asDouble }) => asInt ?? asDouble ?? 0)),
    requests: total(
      pointsOf("http.server.request.duration")
        .filter((point) => attribute(point, "http.route") !== "/health")
        .map(({ count = 0 }) => count),
    ),
  };
}

/** Waits until the collector has everything of a service. */
async function arrived(service: string): Promise<void> {
  await vi.waitFor(
    () => {
      expect(spansFrom(service)).toEqual(SPANS);
      expect(countsFrom(service)).toEqual({ queries: 1, requests: 2, tokens: TOKENS });
    },
    { timeout: 10_000, interval: 50 },
  );
}

const requestsOf = (service: string, settings: Record<string, string> = {}) => ({
  ...{ requests: REQUESTS, hosted: true },
  settings: {
    ...{ ...OPEN_SETTINGS, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: service, ...settings },
  },
});

test("the collector takes what the functions send on Lambda", async () => {
  await replyOnLambda(requestsOf("lambda"));
  await arrived("lambda");
});

test.each(RUNTIMES.map((runtime) => [runtime.name, runtime] as const))("and on %s", async (name, runtime) => {
  await replyOn(runtime, requestsOf(name), () => arrived(name));
});

test("and from the worker as Protobuf", async () => {
  const settings = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" };
  await replyOn(WORKERD, requestsOf("protobuf", settings), () => arrived("protobuf"));
});
