import { expect, it } from "vitest";
import type { MetricsPayload, OtlpMetric } from "#console/receiver/payload.ts";
import { metricsLine } from "../../local-stack/dev/metrics-line.ts";

const origin = {
  resource: { attributes: {} },
  scope: { name: "edge-rag", version: "", attributes: {} },
  ...{ description: "", unit: "" },
};
const times = { startTimeUnixNano: 1n, timeUnixNano: 2n };
const payload = (...metrics: OtlpMetric[]): MetricsPayload => ({ metrics });

function queries(outcome: string, sum: number): OtlpMetric {
  const point = { ...times, attributes: { outcome }, count: 1, sum, bucketCounts: [], explicitBounds: [] };
  const name = "rag_query_duration_seconds";
  return { ...origin, name, type: "histogram", temporality: "delta", dataPoints: [point] };
}

function counter(name: string, value: number): OtlpMetric {
  const dataPoints = [{ ...times, attributes: {}, value }];
  return { ...origin, name, type: "sum", temporality: "delta", isMonotonic: true, dataPoints };
}

it("sums deltas since startup and formats them in one line", () => {
  const describe = metricsLine();
  describe(payload(queries("answered", 0.03), counter("rag_embedding_cache_misses_total", 1)));
  const line = describe(payload(queries("not_found", 0.01), counter("rag_embedding_cache_hits_total", 1)));
  expect(line).toBe(
    "metrics: 2 queries (1 answered, 1 not found), 20.0 ms on average · embedding cache 1 hit, 1 miss · 0 tokens · 0 errors",
  );
});

it("returns undefined when the line has not changed", () => {
  expect(metricsLine()(payload(counter("faas.coldstarts", 1)))).toBeUndefined();
});
