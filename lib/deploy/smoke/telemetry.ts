import { setTimeout as delay } from "node:timers/promises";
import type { Seen } from "./checks.ts";
import { described, expectStatus, jsonOf, send, type Target, Unexpected } from "./client.ts";

const POLL_MS = 500;
/** Which span has to be below which. */
const PARENTS: Readonly<Record<string, string>> = {
  "rag.query": "POST /query",
  "rag.embedding": "rag.query",
  "rag.vector_search": "rag.query",
  "rag.rerank": "rag.query",
  "rag.llm_generation": "rag.query",
};
/** What queries add to, each 1. A search is left out where the answer is kept from before. */
const QUERIES = "rag_query_duration_seconds_count";
const SEARCHES = 'rag_stage_duration_seconds_count{stage="vector_search"}';
const SERIES = [QUERIES, SEARCHES];

interface JaegerSpan {
  spanID: string;
  operationName: string;
  references?: { refType: string; spanID: string }[];
}

/** A target of a URL that may have a user and a password in it, as Grafana Cloud's have. */
export function serviceAt(url: string, requestTimeoutMs: number): Target & { headers: Record<string, string> } {
  const { username, password, origin, pathname } = new URL(url);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = username && { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  return { url: `${origin}${pathname.replace(/\/+$/, "")}`, requestTimeoutMs, headers: headers || {} };
}

/** Waits until the trace is in Jaeger with every span of a query, each below the right one. */
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
    "Is OTEL_EXPORTER_OTLP_ENDPOINT right, is all sampled (OTEL_TRACES_SAMPLER_ARG, COLLECTOR_SAMPLING_PERCENTAGE), and what does GET /health?deep=1 say of telemetry?";
  throw new Unexpected(`trace ${traceId} in Jaeger within ${waitMs / 1000} s`, `no ${missing.join(", ")}`, advice);
}

async function spansOf(jaeger: ReturnType<typeof serviceAt>, traceId: string, signal: AbortSignal) {
  const { headers } = jaeger;
  const answer = await send(jaeger, "GET", `/api/traces/${traceId}`, { signal, headers });
  if (answer.status === 404) return [];
  expectStatus(answer, 200, "Is this Jaeger's query API?");
  const { data } = jsonOf(answer) as { data?: { spans: JaegerSpan[] }[] | null };
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

/** What Prometheus counts so far, a number for each of the series. */
export async function countsIn(
  prometheus: ReturnType<typeof serviceAt>,
  environment: string | undefined,
  signal: AbortSignal,
): Promise<number[]> {
  return Promise.all(SERIES.map((series) => sumOf(prometheus, inEnvironment(series, environment), signal)));
}

/** Waits until the series have grown by the queries that were asked since, or more: others may be asking as well. */
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
    const [asked = 0, searched = 0] = grown;
    return (asked >= queries && searched >= 1) || undefined;
  });
  const account = SERIES.map((series, index) => `${inEnvironment(series, environment)} +${grown[index]}`).join(", ");
  if (arrived) return { detail: account };
  const advice =
    "Does the collector take metrics, does Prometheus scrape it, and is --environment the deployment's deployment.environment.name?";
  throw new Unexpected(`${QUERIES} +${queries} and searches +1 within ${waitMs / 1000} s`, account, advice);
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
  const answer = await send(prometheus, "GET", `/api/v1/query?${query}`, { signal, headers });
  expectStatus(answer, 200, "Is this Prometheus' API, or one like it?");
  const { data } = jsonOf(answer) as { data?: { result?: { value: [number, string] }[] } };
  if (!data?.result) throw new Unexpected("a result of Prometheus", described(answer), "Is this Prometheus' API?");
  return Number(data.result[0]?.value[1] ?? 0);
}

/** What `ask` finds, or `undefined` when the time is up. */
async function eventually<T>(waitMs: number, signal: AbortSignal, ask: () => Promise<T | undefined>) {
  const giveUp = performance.now() + waitMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined || performance.now() > giveUp) return found;
    await delay(POLL_MS, undefined, { signal });
  }
}
