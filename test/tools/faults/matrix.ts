import { createParts } from "#compose/parts.ts";
import { readConfig } from "#config/env.ts";
import { createApp } from "#http/app.ts";
import type { Fault } from "../../support/fault-proxy.ts";
import { attribute, type OtlpMetric, type OtlpSpan } from "../../support/otlp.ts";
import type { FakeServices, ServiceName } from "./services.ts";
import type { Way } from "./ways.ts";

/** Time budget of a query in milliseconds. Behind API Gateway it is 28 s; stages use shares of it, so less suffices. */
export const TIME_LEFT_MS = 8_000;

export interface Outcome {
  status: number;
  degraded: string[];
  /** `rag_query_errors_total` by stage. */
  errors: Record<string, number>;
  /**
   * Failed spans, and the stages that were skipped, each with its `error.type`.
   */
  trace: string[];
  /** Whether the response (of a 503, the problem details) has the expected citation first. */
  cited: boolean;
  /** Outcome of the query's spans: arrived, retained for a retry, dropped and counted, or lost. */
  spans: "arrived" | "retained" | "dropped" | "lost";
  elapsedMs: number;
}

/** Faults with which spans do not arrive. A 500 must not be retried (OTLP specification, "Failures"). */
const COLLECTOR: Partial<Record<Fault, Outcome["spans"]>> = {
  refused: "retained",
  silent: "retained",
  unavailable: "retained",
  limited: "retained",
  tls: "retained",
  failing: "dropped",
};

/** The expected outcome of a question when a service has a fault. */
export function expected(way: Way, service: ServiceName, fault: Fault): Omit<Outcome, "trace" | "elapsedMs"> {
  const fine = { status: 200, degraded: [], errors: {}, cited: true, spans: "arrived" as const };
  const failed = way.failsInBody ? 200 : 503;
  // Ten times slower is too slow for a rewriting, which has 15 % of the time.
  if (service === "query rewrite") return { ...fine, degraded: ["query_rewrite"], errors: { query_rewrite: 1 } };
  if (fault === "slow") return fine;
  switch (service) {
    case "embedding":
      return { ...fine, degraded: ["embedding"], errors: { embedding: 1 } };
    case "cache":
      return { ...fine, degraded: ["cache"], errors: { cache: 1 } };
    case "reranker":
      return { ...fine, degraded: ["rerank"], errors: { rerank: 1 } };
    case "chat":
      return {
        ...fine,
        status: way.streams && fault === "reset" ? 200 : failed,
        ...(way.rewrites && { degraded: ["query_rewrite"] }),
        errors: { ...(way.rewrites && { query_rewrite: 1 }), llm_generation: 1 },
        cited: way.citesWithoutAnswer,
      };
    case "vector store":
      return { ...fine, status: failed, errors: way.bodyOf ? { vector_search: 1 } : {}, cited: false };
    case "collector":
      return { ...fine, spans: COLLECTOR[fault] ?? "arrived" };
  }
}

export const DOCUMENTS = [
  { id: "bees.md", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." },
  { id: "whales.md", title: "Whales", text: "Whales sing songs that travel far." },
];

/** Runs one question through the query function's app while a service has a fault. */
export async function runCase(services: FakeServices, way: Way, service: ServiceName, fault: Fault): Promise<Outcome> {
  const faulty = await services.withFault(service, fault);
  try {
    const parts = await createParts(readConfig(faulty.env));
    const lifecycle = await parts.startLifecycle();
    const app = createApp(parts.server);
    await way.add(app, parts);
    const [method = "", template = ""] = way.route.split(" ");
    const path = way.path ?? template;
    // A unique question, so that its embedding is not cached.
    const question = `How do bees tell where flowers are? (${way.route}, ${service}, ${fault})`;
    const started = performance.now();
    const pending: Promise<unknown>[] = [];
    const response = await app.request(
      path,
      {
        ...{ method, headers: { "content-type": "application/json", ...way.headers } },
        ...(way.bodyOf && { body: JSON.stringify(way.bodyOf(question)) }),
      },
      {
        invocation: {
          ...{ requestId: "r", coldStart: false, timeLeftMs: TIME_LEFT_MS },
          waitUntil: (work: Promise<unknown>) => void pending.push(work),
        },
      },
    );
    const { cited, degraded = [] } = way.read(await response.text());
    const elapsedMs = performance.now() - started;
    await Promise.all(pending);
    await lifecycle.responded({ requestId: "r", deadlineMs: Date.now() + 2_000 });
    const { telemetry } = await parts.health();
    const spans = (): Outcome["spans"] => {
      const { breaker, retained, dropped } = telemetry();
      if (faulty.spans.some(({ name }) => name === way.route)) return "arrived";
      if (dropped > 0) return "dropped";
      // By then, a request to an unresponsive collector has timed out.
      return breaker === "open" && retained > 0 ? "retained" : "lost";
    };
    await until(() => spans() !== "lost");
    if (service !== "collector") await until(() => faulty.metrics.length > 0);
    return {
      status: response.status,
      degraded: [...degraded],
      errors: errorsIn(faulty.metrics),
      trace: failuresIn(faulty.spans, way),
      cited: cited === "bees.md",
      spans: spans(),
      elapsedMs,
    };
  } finally {
    faulty.close();
  }
}

function errorsIn(metrics: readonly OtlpMetric[]): Record<string, number> {
  const points = metrics
    .filter(({ name }) => name === "rag_query_errors_total")
    .flatMap(({ sum }) => sum?.dataPoints ?? []);
  return Object.fromEntries(
    points.map((point) => [String(attribute(point, "stage")), Number(point.asInt ?? point.asDouble)]),
  );
}

/** Where documents are read there is no span below that of the request. */
function failuresIn(spans: readonly OtlpSpan[], { route, bodyOf }: Way): string[] {
  const isShown = (name: string) => (bodyOf ? name.startsWith("rag.") : name === route);
  const failed = spans.filter(({ name, status }) => isShown(name) && status?.code === 2);
  const degraded = spans.flatMap(({ events = [] }) => events).filter(({ name }) => name === "rag.degraded");
  return [
    ...failed.map((span) => `${span.name}: ${attribute(span, "error.type")}`),
    ...degraded.map((event) => `without ${attribute(event, "rag.stage")}: ${attribute(event, "error.type")}`),
  ].sort();
}

async function until(condition: () => boolean): Promise<void> {
  const ends = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > ends) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
