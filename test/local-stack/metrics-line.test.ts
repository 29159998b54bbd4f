import { expect, it } from "vitest";
import { metricsLine } from "../../local-stack/dev/metrics-line.ts";
import type { MetricsPayload, OtlpMetric } from "../../local-stack/dev/otlp.ts";

const payload = (...metrics: OtlpMetric[]): MetricsPayload => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
const outcome = (value: string) => [{ key: "outcome", value: { stringValue: value } }];

it("sums deltas since startup and formats them in one line", () => {
  const describe = metricsLine();
  describe(
    payload(
      {
        name: "rag_query_duration_seconds",
        histogram: { dataPoints: [{ attributes: outcome("answered"), count: "1", sum: 0.03 }] },
      },
      { name: "rag_embedding_cache_misses_total", sum: { dataPoints: [{ asInt: "1" }] } },
    ),
  );
  const line = describe(
    payload(
      {
        name: "rag_query_duration_seconds",
        histogram: { dataPoints: [{ attributes: outcome("not_found"), count: 1, sum: 0.01 }] },
      },
      { name: "rag_embedding_cache_hits_total", sum: { dataPoints: [{ asDouble: 1 }] } },
    ),
  );
  expect(line).toBe(
    "metrics: 2 queries (1 answered, 1 not found), 20.0 ms on average · embedding cache 1 hit, 1 miss · 0 tokens · 0 errors",
  );
});

it("returns undefined when the line has not changed", () => {
  expect(
    metricsLine()(payload({ name: "http.server.request.duration", histogram: { dataPoints: [{ count: 1 }] } })),
  ).toBeUndefined();
});
