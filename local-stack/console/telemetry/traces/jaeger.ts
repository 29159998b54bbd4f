import type { TraceFilter, TraceSummary } from "#console/contract.ts";
import type { OtlpSpan } from "#console/receiver/payload.ts";
import type { OwnPrices } from "#usage/prices.ts";
import type { TraceSource } from "../sources.ts";
import { type JaegerTrace, spansOf, toTraceId } from "./jaeger-spans.ts";
import { listTraces } from "./list.ts";
import { summaryOf } from "./summary.ts";
import { toTrace } from "./tree.ts";

export interface JaegerOptions {
  /** Of its pages and its query API. */
  url: string;
  /** URL of the OTLP endpoint that has sent it the traces, for errors. */
  endpoint: string;
  prices?: OwnPrices;
}

/** Its API returns whole traces: of a service, no more than this. */
const MAX_TRACES = 500;
const MAX_SERVICES = 10;
const MAX_ROUTES = 200;
const TIMEOUT_MS = 10_000;
const LOOKBACK_MS = 7 * 24 * 3_600_000;

/**
 * Reads traces from Jaeger, which has those of the last requests a few seconds later: the collector waits for a trace to
 * be complete before it decides on it.
 */
export function createJaegerSource({ url, endpoint, prices }: JaegerOptions): TraceSource {
  /** Jaeger does not list them. */
  const routes = new Set<string>();

  /** @returns the data; `undefined` when there is none */
  async function request(path: string): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      const { cause = error } = error as Error;
      throw new Error(
        `Jaeger could not be reached at ${url} (${cause instanceof Error ? cause.message : cause}). Another program has ` +
          `the port of ${endpoint}: if it is not the collector of npm run stack, stop it and start npm run dev again.`,
      );
    }
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`Jaeger at ${url} responded with ${response.status} to ${path}`);
    return ((await response.json()) as { data?: unknown }).data;
  }

  async function find(filter: TraceFilter): Promise<JaegerTrace[]> {
    const services = ((await request("/api/services")) ?? []) as string[];
    const search = searchOf(filter);
    const found = services
      .filter((service) => service !== "jaeger")
      .slice(0, MAX_SERVICES)
      .map((service) => request(`/api/traces?${new URLSearchParams({ ...search, service })}`));
    // A trace of several services is found for each of them.
    const traces = ((await Promise.all(found)) as (JaegerTrace[] | undefined)[]).flatMap((some) => some ?? []);
    return [...new Map(traces.map((trace) => [trace.traceID, trace])).values()];
  }

  async function read(id: string): Promise<JaegerTrace[]> {
    return ((await request(`/api/traces/${id}`)) ?? []) as JaegerTrace[];
  }

  function summarize({ traceID }: JaegerTrace, spans: readonly OtlpSpan[]): TraceSummary {
    const summary = summaryOf(toTraceId(traceID), spans, prices);
    if (summary.route !== undefined && routes.size < MAX_ROUTES) routes.add(summary.route);
    return summary;
  }

  return {
    async list(filter) {
      const traces = filter.id?.length === 32 ? await read(filter.id) : await find(filter);
      const { traces: listed } = listTraces(
        traces.map((trace) => summarize(trace, spansOf(trace))),
        filter,
      );
      return { traces: listed, routes: [...routes].sort() };
    },
    async get(traceId) {
      const [trace] = await read(traceId);
      if (!trace || trace.spans.length === 0) return undefined;
      const spans = spansOf(trace);
      return { ...toTrace(summarize(trace, spans), spans), jaeger_url: `${url}/trace/${traceId}` };
    },
  };
}

/** What Jaeger can look for; everything else is left to the list. Times are microseconds. */
function searchOf({ min_ms, failed, route, before_ms, limit = MAX_TRACES }: TraceFilter): Record<string, string> {
  const end = before_ms ?? Date.now();
  const tags = failed ? { error: "true" } : route !== undefined && { "http.route": route };
  return {
    limit: String(Math.min(limit, MAX_TRACES)),
    start: String(Math.round((end - LOOKBACK_MS) * 1000)),
    end: String(Math.round(end * 1000)),
    ...(min_ms && { minDuration: `${Math.round(min_ms * 1000)}us` }),
    ...(tags && { tags: JSON.stringify(tags) }),
  };
}
