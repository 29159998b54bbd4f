import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DEPENDENCIES, QUANTILES, STAGES } from "./colours.ts";
import { FAILED_REQUESTS, searchLink } from "./explore.ts";
import { graph } from "./graph.ts";
import { bars } from "./numbers.ts";
import { NO_QUERIES, NO_QUERIES_SHORT } from "./overview.ts";
import { describePanel, MIN_INTERVAL, PROMETHEUS, targets } from "./panel.ts";
import { metric, quantile, RANGE, STEP, total } from "./promql.ts";

const BUCKETS = metric("rag_stage_duration_seconds_bucket");
const SECONDS = metric("rag_stage_duration_seconds_sum");
const FIRST_CHUNK = metric("gen_ai_client_inference_time_to_first_chunk_seconds_bucket");

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana substitutes it.
const CLICKED_STAGE = "${__field.labels.stage}";

const durations = [0.5, 0.95].map((q) =>
  graph({
    title: q === 0.5 ? "Median by stage" : "p95 by stage",
    description: `${q === 0.5 ? "Median" : "95th percentile"} of the time spent in each stage. If a stage stands out, its link searches slow traces of it.`,
    unit: "s",
    noValue: NO_QUERIES,
    queries: [{ expr: quantile(q, BUCKETS, STEP, "stage"), legend: "{{stage}}" }],
    colours: STAGES,
    links: [searchLink("Slow traces of this stage", { operation: `rag.${CLICKED_STAGE}`, minDuration: "$slow" })],
    width: 8,
    height: 8,
  }),
);

const errors = graph({
  title: "Errors by stage",
  description:
    "Failures by stage; validation counts invalid requests. Queries continue without cache, query_rewrite, embedding and rerank: see Degraded queries by stage. The link searches failed traces, whose red span has the reason.",
  unit: "locale",
  decimals: 0,
  noValue: "No errors in this range",
  queries: [{ expr: total(metric("rag_query_errors_total"), STEP, "stage"), legend: "{{stage}}" }],
  colours: STAGES,
  draw: "bars",
  links: [searchLink("Failed traces", FAILED_REQUESTS)],
  width: 8,
  height: 8,
});

const resilience = [
  graph({
    title: "Degraded queries by stage",
    description:
      "Queries that continued without a stage whose service was down: without rerank, results keep the order of the search; without embedding, the search is lexical; without query_rewrite, a follow-up is asked as it is. The link searches their traces, whose event rag.degraded has the reason.",
    unit: "locale",
    decimals: 0,
    noValue: "No degraded queries in this range",
    queries: [{ expr: total(metric("rag_query_degraded_total"), STEP, "stage"), legend: "without {{stage}}" }],
    colours: Object.fromEntries(Object.entries(STAGES).map(([stage, colour]) => [`without ${stage}`, colour])),
    draw: "bars",
    links: [searchLink("Traces without this stage", { operation: "rag.query", tags: `rag.stage=${CLICKED_STAGE}` })],
    width: 8,
    height: 8,
  }),
  graph({
    title: "Retries by dependency",
    description:
      "Failed attempts that were retried, by service. Occasional retries only cost time; if they persist, the service is slow or overloaded, and its circuit breaker opens soon (circuit_open).",
    unit: "locale",
    decimals: 0,
    noValue: "No retries in this range",
    queries: [{ expr: total(metric("rag_dependency_retries_total"), STEP, "dependency"), legend: "{{dependency}}" }],
    colours: DEPENDENCIES,
    draw: "bars",
    width: 8,
    height: 8,
  }),
  graph({
    title: "Time to first chunk",
    description:
      "Time until the model streamed the first chunk of an answer. If it grows while tokens per query do not, the provider is slow.",
    unit: "s",
    noValue: "No streamed answers in this range",
    queries: [
      { expr: quantile(0.5, FIRST_CHUNK, STEP), legend: "p50" },
      { expr: quantile(0.95, FIRST_CHUNK, STEP), legend: "p95" },
    ],
    colours: QUANTILES,
    width: 8,
    height: 8,
  }),
];

const heatmap = describePanel(new PanelBuilder(), {
  title: "Query durations",
  description:
    "Distribution of query durations. Two bands are two kinds of queries, such as cached and uncached; a band that drifts upwards is a stage that slows down for all queries.",
  unit: "locale",
  decimals: 0,
  noValue: NO_QUERIES,
  width: 16,
  height: 8,
})
  .datasource(PROMETHEUS)
  .targets(
    targets([{ expr: total(metric("rag_query_duration_seconds_bucket"), STEP, "le"), legend: "{{le}}" }], "heatmap"),
  )
  .interval(MIN_INTERVAL)
  .yAxis(new YAxisConfigBuilder().unit("s"))
  .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Blues").steps(32));

const share = bars({
  title: "Where the time goes",
  description:
    "Share of each stage in the total time of all stages in this range. For the longest bar, a faster service or a cache helps most.",
  unit: "percentunit",
  decimals: 1,
  noValue: NO_QUERIES_SHORT,
  queries: [
    {
      expr: `sort_desc(${total(SECONDS, RANGE, "stage")} / on () group_left () (${total(SECONDS, RANGE)} > 0))`,
      legend: "{{stage}}",
    },
  ],
  max: 1,
  width: 8,
  height: 8,
});

export const stages = { title: "Stages", panels: [...durations, errors, ...resilience, heatmap, share] };
