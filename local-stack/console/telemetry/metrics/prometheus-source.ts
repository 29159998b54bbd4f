/** Metrics from Prometheus, where a collector receives them: the dashboard's queries, by its HTTP API. */
import type { MetricsSource } from "../sources.ts";
import type { Sample } from "./evaluate.ts";
import { createLines } from "./lines.ts";
import { interpolate, promqlOf } from "./promql.ts";
import { buildView, type Evaluator } from "./view.ts";

export interface PrometheusOptions {
  /** Base URL. */
  url: string;
  /** Base URL, for the link to the dashboard. */
  grafana?: string;
  /** `service.name` */
  service: string;
  /** Milliseconds since 1970. */
  now?: () => number;
}

interface Result {
  metric: Record<string, string>;
  /** Seconds since 1970, and the value as text. */
  value: [number, string];
  values: [number, string][];
}

const TIMEOUT_MS = 10_000;
/** By the uid of grafana/build/dashboard.ts. */
const DASHBOARD_PATH = "/d/rag-pipeline";

export function createPrometheusMetrics({ url, grafana, service, now = Date.now }: PrometheusOptions): MetricsSource {
  const evaluator = evaluatorOf(url.replace(/\/+$/, ""), service);
  return {
    async view(minutes) {
      const view = await buildView(evaluator, minutes, now() / 1000);
      if (grafana === undefined) return view;
      const query = new URLSearchParams({ from: `now-${minutes}m`, to: "now", "var-service": service });
      return { ...view, grafana_url: `${grafana}${DASHBOARD_PATH}?${query}` };
    },
  };
}

function evaluatorOf(url: string, service: string): Evaluator {
  const number: Evaluator["number"] = async (formula, seconds, end) => {
    const query = interpolate(promqlOf(formula, "$__range"), { service, windowSeconds: seconds });
    const results = await ask(url, "query", { query, time: String(end) });
    return results.flatMap(({ metric: labels, value }): Sample[] => {
      const number = numberOf(value[1]);
      return number === null ? [] : [{ labels, value: number }];
    });
  };
  return {
    number,
    async lines(formula, seconds, ends) {
      const [start = 0, second = start] = ends;
      const [beforeLast = start, last = start] = ends.slice(-2);
      const query = interpolate(promqlOf(formula, "$__interval"), { service, windowSeconds: seconds });
      const range = { start: String(start), end: String(beforeLast), step: String(second - start) };
      const [results, latest] = await Promise.all([
        ask(url, "query_range", { query, ...range }),
        number(formula, seconds, last),
      ]);
      const lines = createLines(ends.length);
      const indexes = new Map(ends.map((end, index) => [end, index]));
      for (const { metric, values } of results) {
        for (const [time, value] of values) lines.set(metric, indexes.get(time) ?? 0, numberOf(value));
      }
      for (const { labels, value } of latest) lines.set(labels, ends.length - 1, value);
      return lines.all();
    },
  };
}

/** @throws Error that says which Prometheus failed, and why */
async function ask(url: string, path: string, parameters: Record<string, string>): Promise<Result[]> {
  let response: Response;
  try {
    response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new Error(`Prometheus at ${url} gave no response. Is it running? npm run stack status shows it.`, { cause });
  }
  const body = (await response.json().catch(() => ({}))) as { error?: string; data?: { result: Result[] } };
  if (!response.ok || !body.data) {
    throw new Error(`Prometheus at ${url} responded with ${response.status}: ${body.error ?? response.statusText}`);
  }
  return body.data.result;
}

/** `null` for NaN and infinities. */
function numberOf(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
