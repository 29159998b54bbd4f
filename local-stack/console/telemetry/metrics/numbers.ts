/** The numbers on top; those of the dashboard have its titles. */
import { orZero, quantile, ratio, select, sum, total } from "./formula.ts";
import type { NumberPanel } from "./panel.ts";
import { cacheHitRatio, dropped, exported, FAILED, QUERIES, QUERY_BUCKETS, REQUESTS } from "./selectors.ts";

const durations = ([50, 95, 99] as const).map(
  (percent): NumberPanel => ({
    id: `query_p${percent}`,
    title: `p${percent}`,
    description:
      percent === 50
        ? "Half of the queries took at most this long."
        : `${percent} % of the queries took at most this long.`,
    unit: "seconds",
    formula: quantile(percent / 100, QUERY_BUCKETS),
  }),
);

export const NUMBERS: readonly NumberPanel[] = [
  {
    id: "queries",
    title: "Queries",
    description: "Questions that were asked, however they ended.",
    unit: "count",
    formula: total(QUERIES),
  },
  ...durations,
  {
    id: "error_ratio",
    title: "Error ratio",
    description: "Share of the queries that failed.",
    unit: "ratio",
    formula: ratio(total(FAILED), total(QUERIES)),
  },
  {
    id: "cache_hit_ratio",
    title: "Cache hit ratio",
    description: "Share of the vectors that came from the embedding cache.",
    unit: "ratio",
    formula: cacheHitRatio("embedding"),
  },
  {
    id: "tokens",
    title: "Tokens",
    description: "Billed tokens, those of ingested documents included.",
    unit: "count",
    formula: total(select("rag_openai_tokens_total")),
  },
  {
    id: "cost",
    title: "Cost",
    description: "Of billed calls of models with a known price.",
    unit: "usd",
    formula: total(select("rag_openai_cost_usd_total")),
  },
  {
    id: "cold_starts",
    title: "Cold starts",
    description: "Requests that waited for a new environment.",
    unit: "count",
    formula: orZero(total(select("faas_coldstarts_total")), total(REQUESTS)),
  },
  {
    id: "telemetry_dropped",
    title: "Telemetry dropped",
    description: "Spans and data points that the exporter gave up.",
    unit: "count",
    formula: orZero(
      sum(total(dropped("span")), total(dropped("metric_data_point"))),
      sum(total(exported("span")), total(exported("metric_data_point"))),
    ),
  },
];
