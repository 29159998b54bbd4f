import type { HistogramPoint, MetricsPayload, NumberPoint, OtlpMetric } from "#console/receiver/payload.ts";

/** One environment of a function, and what one of its exports carries. */
export interface Export {
  instance?: string;
  service?: string;
  temporality?: "delta" | "cumulative";
  /** Nanoseconds; by default, another millisecond for every export. */
  start?: bigint;
  time?: bigint;
  metrics: readonly (Counter | Histogram)[];
}

interface Counter {
  name: string;
  attributes?: Record<string, string>;
  value: number;
}

interface Histogram {
  name: string;
  unit?: string;
  attributes?: Record<string, string>;
  bounds: readonly number[];
  observed: readonly number[];
}

let exports = 0n;

/** A payload as the receiver hands it on. */
export function exported({
  instance = "a",
  service = "edge-rag",
  temporality = "delta",
  ...rest
}: Export): MetricsPayload {
  const end = 1_790_000_000_000_000_000n + 1_000_000n * ++exports;
  const { start = end - 1_000_000n, time = end } = rest;
  const origin = {
    resource: {
      attributes: {
        "service.name": service,
        "service.instance.id": instance,
        "faas.name": "query",
        "faas.instance": instance,
        "process.pid": 42,
      },
    },
    scope: { name: "edge-rag", version: "0.1.0", attributes: {} },
  };
  const times = { startTimeUnixNano: start, timeUnixNano: time };
  const metrics = rest.metrics.map((metric): OtlpMetric => {
    const { name, attributes = {} } = metric;
    if ("value" in metric) {
      const point: NumberPoint = { ...times, attributes, value: metric.value };
      return {
        ...origin,
        name,
        description: "",
        unit: "{item}",
        type: "sum",
        temporality,
        isMonotonic: true,
        dataPoints: [point],
      };
    }
    const point: HistogramPoint = { ...times, attributes, ...histogramOf(metric) };
    return {
      ...origin,
      name,
      description: "",
      unit: metric.unit ?? "s",
      type: "histogram",
      temporality,
      dataPoints: [point],
    };
  });
  return { metrics };
}

/** An observation is in the first bucket whose bound is not smaller. */
function histogramOf({
  bounds,
  observed,
}: Histogram): Omit<HistogramPoint, "attributes" | "startTimeUnixNano" | "timeUnixNano"> {
  const bucketCounts = [...bounds, Number.POSITIVE_INFINITY].map(
    (bound, index) =>
      observed.filter((value) => value <= bound && value > (bounds[index - 1] ?? Number.NEGATIVE_INFINITY)).length,
  );
  const sum = observed.reduce((all, value) => all + value, 0);
  return { count: observed.length, sum, bucketCounts, explicitBounds: [...bounds] };
}

export const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/** What an environment exports after queries that took so many seconds. */
export function queries(
  observed: readonly number[],
  outcome = "answered",
  from: Omit<Export, "metrics"> = {},
): MetricsPayload {
  const metric = { name: "rag_query_duration_seconds", attributes: { outcome }, bounds: SECONDS, observed };
  return exported({ ...from, metrics: [metric] });
}
