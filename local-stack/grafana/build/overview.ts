import { BAD, FAINT, GOOD, NEUTRAL, OUTCOMES, QUANTILES, WARN, WATCH } from "./colours.ts";
import { FAILED_REQUESTS, searchLink } from "./explore.ts";
import { graph } from "./graph.ts";
import { stat } from "./numbers.ts";
import { metric, orZero, perSecond, quantile, RANGE, ratio, recorded, STEP, total } from "./promql.ts";

export const NO_QUERIES = "No queries in this range. Send one to POST /query";
/** A short version for small panels. */
export const NO_QUERIES_SHORT = "No queries";

const QUERIES = metric("rag_query_duration_seconds_count");
const FAILED = metric("rag_query_duration_seconds_count", 'outcome="error"');
/** Excludes abandoned queries, whose full duration is unknown. */
const BUCKETS = metric("rag_query_duration_seconds_bucket", 'outcome!="abandoned"');
const TRACED = metric("traces_span_metrics_duration_seconds_bucket", 'span_name="rag.query"');
const FAILED_TRACES = searchLink("Failed traces", FAILED_REQUESTS);
const SLOW_TRACES = searchLink("Traces slower than $slow", { operation: "rag.query", minDuration: "$slow" });

/** Hits as a share of the lookups in a cache. */
export function cacheHitRatio(cache: "embedding" | "answer", window: string): string {
  const hits = total(metric(`rag_${cache}_cache_hits_total`), window);
  const misses = total(metric(`rag_${cache}_cache_misses_total`), window);
  return ratio(hits, `(${orZero(hits, misses)} + ${orZero(misses, hits)})`);
}

const numbers = [
  stat({
    title: "Queries",
    description: "Number of queries in this range. If it is lower than expected, look at Telemetry of the functions.",
    unit: "locale",
    decimals: 0,
    noValue: NO_QUERIES_SHORT,
    expr: total(QUERIES, RANGE),
    width: 4,
    height: 4,
  }),
  stat({
    title: "Error ratio",
    description:
      "Share of failed queries; abandoned queries, whose caller disconnected, are not failures. Errors by stage shows where they failed; the link searches their traces.",
    unit: "percentunit",
    noValue: NO_QUERIES_SHORT,
    expr: ratio(total(FAILED, RANGE), total(QUERIES, RANGE)),
    limits: [
      [null, FAINT],
      [0, GOOD],
      [0.005, WARN],
      [0.05, BAD],
    ],
    links: [FAILED_TRACES],
    width: 4,
    height: 4,
  }),
  stat({
    title: "p95",
    description:
      "95 % of queries took at most this time; the objective is 5.12 s. If it is high, the row Stages shows which stage is slow.",
    unit: "s",
    noValue: NO_QUERIES_SHORT,
    expr: quantile(0.95, BUCKETS, RANGE),
    limits: [
      [null, FAINT],
      [0, GOOD],
      [2.56, WARN],
      [5.12, BAD],
    ],
    links: [SLOW_TRACES],
    width: 4,
    height: 4,
  }),
  stat({
    title: "Cache hit ratio",
    description: "Share of vectors from the embedding cache. A sudden drop means that the cache fails or was emptied.",
    unit: "percentunit",
    noValue: "No vectors",
    expr: cacheHitRatio("embedding", RANGE),
    width: 4,
    height: 4,
  }),
  stat({
    title: "Cost",
    description:
      "US dollars for billed calls of models with a known price; the embedded providers are free. If it jumps, see Cost by model.",
    unit: "currencyUSD",
    noValue: "Nothing billed",
    expr: total(metric("rag_openai_cost_usd_total"), RANGE),
    width: 4,
    height: 4,
  }),
  stat({
    title: "Alerts firing",
    description:
      "Alerts of the service and environment, and of the collector. Each has a runbook in docs/OBSERVABILITY.md.",
    unit: "locale",
    decimals: 0,
    noValue: "No data from Prometheus",
    expr: `count(ALERTS{alertstate="firing", service_name=~"$service|", deployment_environment_name=~"$environment|"}) or vector(0)`,
    limits: [
      [null, FAINT],
      [0, GOOD],
      [1, BAD],
    ],
    width: 4,
    height: 4,
  }),
];

const graphs = [
  graph({
    title: "Query duration",
    description:
      "Median, 95th and 99th percentile of query duration, without abandoned queries. Each diamond is one query: click it to open its trace. The dashed line carries the diamonds. If the lines rise, the row Stages shows which stage is slow.",
    unit: "s",
    noValue: NO_QUERIES,
    queries: [
      { expr: quantile(0.5, BUCKETS, STEP), legend: "p50" },
      { expr: quantile(0.95, BUCKETS, STEP), legend: "p95" },
      { expr: quantile(0.99, BUCKETS, STEP), legend: "p99" },
      { expr: quantile(0.99, TRACED, STEP), legend: "p99 of traced queries", exemplars: true },
    ],
    colours: { ...QUANTILES, "p99 of traced queries": FAINT },
    dashed: ["p99 of traced queries"],
    links: [SLOW_TRACES],
    width: 12,
    height: 8,
  }),
  graph({
    title: "Queries per second",
    description:
      "Queries by outcome. If not_found grows, the questions or the documents have changed: see the row Retrieval. If abandoned grows, callers disconnect before the end: see Time to first chunk. If all drop to zero, there is no traffic or no telemetry.",
    unit: "reqps",
    noValue: NO_QUERIES,
    queries: [{ expr: perSecond(QUERIES, "outcome"), legend: "{{outcome}}" }],
    colours: OUTCOMES,
    width: 12,
    height: 8,
  }),
  graph({
    title: "Error ratio over time",
    description:
      "Share of failed queries; abandoned queries, whose caller disconnected, are not failures. Errors by stage shows where they failed; the link searches their traces.",
    unit: "percentunit",
    noValue: NO_QUERIES,
    queries: [{ expr: ratio(total(FAILED, STEP), total(QUERIES, STEP)), legend: "error ratio" }],
    colours: { "error ratio": BAD },
    softMax: 0.05,
    links: [FAILED_TRACES],
    width: 12,
    height: 8,
  }),
  graph({
    title: "SLO burn",
    description:
      "Burn rate of the error budget: at 1 it is used up exactly at the end of the period. An alert pages at 14.4 over one hour or 6 over six hours; see its runbook. With several environments, the highest rate.",
    unit: "suffix:×",
    noValue: "No burn rate yet: it needs a query and half a minute",
    queries: [
      { expr: burn("availability", "1h", 0.005), legend: "availability, 1 h" },
      { expr: burn("availability", "6h", 0.005), legend: "availability, 6 h" },
      { expr: burn("latency", "1h", 0.05), legend: "latency, 1 h" },
      { expr: burn("latency", "6h", 0.05), legend: "latency, 6 h" },
    ],
    colours: {
      "availability, 1 h": "red",
      "availability, 6 h": "light-red",
      "latency, 1 h": "purple",
      "latency, 6 h": "light-purple",
    },
    limits: [
      [null, NEUTRAL],
      [1, WATCH],
      [6, WARN],
      [14.4, BAD],
    ],
    dashed: ["availability, 6 h", "latency, 6 h"],
    logarithmic: true,
    softMax: 2,
    width: 12,
    height: 8,
  }),
];

/** `budget` is the share of requests that may fail. */
function burn(objective: "availability" | "latency", window: string, budget: number): string {
  return `max(${recorded(`rag:${objective}_errors:ratio_${window}`)}) / ${budget}`;
}

export const overview = { title: "Overview", panels: [...numbers, ...graphs] };
