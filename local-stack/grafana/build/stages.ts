import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { STAGES } from "./colours.ts";
import { searchLink } from "./explore.ts";
import { graph } from "./graph.ts";
import { bars } from "./numbers.ts";
import { NO_QUERIES, NONE_ASKED } from "./overview.ts";
import { about, MIN_INTERVAL, PROMETHEUS, targets } from "./panel.ts";
import { metric, quantile, RANGE, STEP, total } from "./promql.ts";

const BUCKETS = metric("rag_stage_duration_seconds_bucket");
const SECONDS = metric("rag_stage_duration_seconds_sum");

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
const STAGE_SPAN = "rag.${__field.labels.stage}";

const durations = [0.5, 0.95].map((q) =>
  graph({
    title: q === 0.5 ? "Median by stage" : "p95 by stage",
    description: `Time that ${q === 0.5 ? "half" : "95 %"} of the queries spent in a stage at most. If one stage stands out, its link searches slow traces of it.`,
    unit: "s",
    noValue: NO_QUERIES,
    queries: [{ expr: quantile(q, BUCKETS, STEP, "stage"), legend: "{{stage}}" }],
    colours: STAGES,
    links: [searchLink("Slow traces of this stage", { operation: STAGE_SPAN, minDuration: "$slow" })],
    width: 8,
    height: 8,
  }),
);

const errors = graph({
  title: "Errors by stage",
  description:
    "Failed queries by the stage they failed in; validation counts requests that were malformed, cache a cache that failed while the query went on. The link searches failed traces, whose red span has the reason.",
  unit: "locale",
  decimals: 0,
  noValue: "No errors in this range",
  queries: [{ expr: total(metric("rag_query_errors_total"), STEP, "stage"), legend: "{{stage}}" }],
  colours: STAGES,
  draw: "bars",
  links: [searchLink("Failed traces", { operation: "POST /query", tags: "error=true" })],
  width: 8,
  height: 8,
});

const heatmap = about(new PanelBuilder(), {
  title: "Query durations",
  description:
    "How many queries took how long. Two bands are two kinds of queries, such as cached and not; a band that drifts up is a stage that slows down for everybody.",
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
  description: "Share of all stages' time in this range. The longest bar is where a faster part or a cache helps most.",
  unit: "percentunit",
  decimals: 1,
  noValue: NONE_ASKED,
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

export const stages = { title: "Stages", panels: [...durations, errors, heatmap, share] };
