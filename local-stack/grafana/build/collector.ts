import { BAD, FAINT, GOOD, NEUTRAL, WARN } from "./colours.ts";
import { graph } from "./graph.ts";
import { collector, perSecond, STEP, total } from "./promql.ts";

const NO_COLLECTOR = "No metrics of the collector. Is it up, and scraped by Prometheus?";

/** Panels of the single collector, to which the dashboard's variables do not apply. */
export const collectorPanels = [
  graph({
    title: "Collector: spans",
    description:
      "Spans per second that were received, sent to Jaeger, refused for lack of memory, or failed to be sent. Sampling explains a gap between received and sent. The functions retry refused spans; failed ones are lost.",
    unit: "suffix:/s",
    noValue: NO_COLLECTOR,
    queries: [
      { expr: perSecond(collector("otelcol_receiver_accepted_spans")), legend: "received" },
      { expr: perSecond(collector("otelcol_exporter_sent_spans")), legend: "sent to Jaeger" },
      { expr: perSecond(collector("otelcol_receiver_refused_spans")), legend: "refused" },
      { expr: perSecond(collector("otelcol_exporter_send_failed_spans")), legend: "failed" },
      { expr: perSecond(collector("otelcol_exporter_enqueue_failed_spans")), legend: "queue full" },
    ],
    colours: { received: NEUTRAL, "sent to Jaeger": GOOD, refused: WARN, failed: BAD, "queue full": BAD },
    width: 8,
    height: 8,
  }),
  graph({
    title: "Collector: traces sampled",
    description:
      "Traces that tail sampling kept and dropped. Traces that failed, are slow or have an answer that is not grounded are always kept; to keep more of the others, raise COLLECTOR_SAMPLING_PERCENTAGE.",
    unit: "locale",
    decimals: 0,
    noValue: "No sampling decisions in this range",
    queries: [
      { expr: total(decided("sampled"), STEP), legend: "kept" },
      { expr: total(decided("not_sampled"), STEP), legend: "dropped" },
    ],
    colours: { kept: GOOD, dropped: FAINT },
    draw: "bars",
    width: 8,
    height: 8,
  }),
  graph({
    title: "Collector: capacity",
    description:
      "The queue to Jaeger and the number of series, as shares of their limits. A filling queue means that Jaeger is slow or down; near the series limit, look for an attribute with too many values.",
    unit: "percentunit",
    noValue: NO_COLLECTOR,
    queries: [
      {
        expr: `max(${collector("otelcol_exporter_queue_size")} / ${collector("otelcol_exporter_queue_capacity")})`,
        legend: "queue",
      },
      {
        expr: `max(${collector("otelcol_deltatocumulative_streams_tracked")} / ${collector("otelcol_deltatocumulative_streams_limit")})`,
        legend: "series",
      },
    ],
    colours: { queue: NEUTRAL, series: "purple" },
    limits: [
      [null, NEUTRAL],
      [0.8, BAD],
    ],
    max: 1,
    width: 8,
    height: 8,
  }),
];

function decided(decision: string): string {
  return collector("otelcol_processor_tail_sampling_global_count_traces_sampled", `decision="${decision}"`);
}
