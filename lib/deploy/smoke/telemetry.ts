import { setTimeout as delay } from "node:timers/promises";
import type { Seen } from "./checks.ts";
import { described, expectStatus, jsonOf, send, type Target, Unexpected } from "./client.ts";

const POLL_MS = 500;
/** The parent that each span must have. */
const PARENTS: Readonly<Record<string, string>> = {
  "rag.query": "POST /query",
  "rag.embedding": "rag.query",
  "rag.vector_search": "rag.query",
  "rag.rerank": "rag.query",
  "rag.llm_generation": "rag.query",
};
/** Each query adds 1 to these; a query answered from the cache adds no search. */
const QUERIES = "rag_query_duration_seconds_count";
const SEARCHES = 'rag_stage_duration_seconds_count{stage="vector_search"}';
const SERIES = [QUERIES, SEARCHES];

interface JaegerSpan {
  spanID: string;
  operationName: string;
  references?: { refType: string; spanID: string }[];
}

/** A target from a URL that may contain a user and a password, as for Grafana Cloud. */
export function serviceAt(url: string, requestTimeoutMs: number): Target & { headers: Record<string, string> } {
  const { username, password, origin, pathname } = new URL(url);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = username && { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  return { url: `${origin}${pathname.replace(/\/+$/, "")}`, requestTimeoutMs, headers: headers || {} };
}

/** Waits until Jaeger has the trace with every span of a query, each under its parent. */
export async function checkTrace(
  jaeger: ReturnType<typeof serviceAt>,
  traceId: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<Seen> {
  let missing: string[] = [];
  const spans = await eventually(waitMs, signal, async () => {
    const found = await spansOf(jaeger, traceId, signal);
    missing = Object.entries(PARENTS)
      .filter(([name, parent]) => !isBelow(found, name, parent))
      .map(([name, parent]) => `${parent} → ${name}`);
    return missing.length === 0 ? found : undefined;
  });
  if (spans) return { detail: `${traceId}: ${spans.length} spans`, traceId };
  const advice =
    "Is OTEL_EXPORTER_OTLP_ENDPOINT right, is every trace sampled (OTEL_TRACES_SAMPLER_ARG, COLLECTOR_SAMPLING_PERCENTAGE), and what does GET /health?deep=1 report for telemetry?";
  throw new Unexpected(`trace ${traceId} in Jaeger within ${waitMs / 1000} s`, `no ${missing.join(", ")}`, advice);
}

async function spansOf(jaeger: ReturnType<typeof serviceAt>, traceId: string, signal: AbortSignal) {
  const { headers } = jaeger;
  const response = await send(jaeger, "GET", `/api/traces/${traceId}`, { signal, headers });
  if (response.status === 404) return [];
  expectStatus(response, 200, "Is this Jaeger's query API?");
  const { data } = jsonOf(response) as { data?: { spans: JaegerSpan[] }[] | null };
  return data?.[0]?.spans ?? [];
}

function isBelow(spans: readonly JaegerSpan[], name: string, parent: string): boolean {
  const parents = spans.filter(({ operationName }) => operationName === parent).map(({ spanID }) => spanID);
  return spans.some(
    ({ operationName, references = [] }) =>
      operationName === name &&
      references.some(({ refType, spanID }) => refType === "CHILD_OF" && parents.includes(spanID)),
  );
}

/** The current value of each series in Prometheus. */
export async function countsIn(
  prometheus: ReturnType<typeof serviceAt>,
  environment: string | undefined,
  signal: AbortSignal,
): Promise<number[]> {
  return Promise.all(SERIES.map((series) => sumOf(prometheus, inEnvironment(series, environment), signal)));
}

/** Waits until the series have grown by at least the queries sent since: other clients may send queries, too. */
export async function checkMetrics(
  prometheus: ReturnType<typeof serviceAt>,
  environment: string | undefined,
  { before, queries, waitMs }: { before: readonly number[]; queries: number; waitMs: number },
  signal: AbortSignal,
): Promise<Seen> {
  let grown: number[] = [];
  const arrived = await eventually(waitMs, signal, async () => {
    const now = await countsIn(prometheus, environment, signal);
    grown = now.map((count, index) => count - (before[index] ?? 0));
    const [queried = 0, searched = 0] = grown;
    return (queried >= queries && searched >= 1) || undefined;
  });
  const growth = SERIES.map((series, index) => `${inEnvironment(series, environment)} +${grown[index]}`).join(", ");
  if (arrived) return { detail: growth };
  const advice =
    "Does the collector receive metrics, does Prometheus scrape it, and is --environment the deployment's deployment.environment.name?";
  throw new Unexpected(`${QUERIES} +${queries} and searches +1 within ${waitMs / 1000} s`, growth, advice);
}

function inEnvironment(series: string, environment: string | undefined): string {
  if (environment === undefined) return series;
  const [name, labels = "}"] = series.split("{");
  const label = `deployment_environment_name=${JSON.stringify(environment)}`;
  return `${name}{${label}${labels === "}" ? "" : ","}${labels}`;
}

async function sumOf(prometheus: ReturnType<typeof serviceAt>, series: string, signal: AbortSignal) {
  const { headers } = prometheus;
  const query = new URLSearchParams({ query: `sum(${series})` });
  const response = await send(prometheus, "GET", `/api/v1/query?${query}`, { signal, headers });
  expectStatus(response, 200, "Is this Prometheus' API, or one like it?");
  const { data } = jsonOf(response) as { data?: { result?: { value: [number, string] }[] } };
  if (!data?.result) throw new Unexpected("a result from Prometheus", described(response), "Is this Prometheus' API?");
  return Number(data.result[0]?.value[1] ?? 0);
}

/** Polls until `find` returns a value; `undefined` when the time is up. */
async function eventually<T>(waitMs: number, signal: AbortSignal, find: () => Promise<T | undefined>) {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const found = await find();
    if (found !== undefined || performance.now() > deadline) return found;
    await delay(POLL_MS, undefined, { signal });
  }
}
