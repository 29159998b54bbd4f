/** The graphs of what is billed, and of the functions and their exporter, with the titles of the dashboard. */
import { perSecond, quantile, ratio, select, total } from "./formula.ts";
import type { Group } from "./panel.ts";
import { dropped, exported, REQUESTS } from "./selectors.ts";

const NOTHING_BILLED = "Nothing billed: the embedded providers are free.";
/** Without those of functions that process messages. */
const COLD_REQUESTS = select("faas_coldstarts_total", 'faas_trigger!="pubsub"');
const INIT = select("faas_init_duration_seconds_bucket");
const FLUSH = select("rag_telemetry_flush_duration_seconds_bucket");

export const TOKENS_AND_COST: Group = {
  title: "Tokens and cost",
  graphs: [
    {
      id: "tokens_by_model",
      title: "Tokens by model",
      description: "Billed tokens, those of ingested documents included.",
      unit: "count",
      kind: "bars",
      nothing: NOTHING_BILLED,
      queries: [{ formula: total(select("rag_openai_tokens_total"), "model", "type"), legend: "{{model}}, {{type}}" }],
    },
    {
      id: "cost_by_model",
      title: "Cost by model",
      description: "US dollars, for calls of models with a known price.",
      unit: "usd",
      kind: "bars",
      nothing: NOTHING_BILLED,
      queries: [{ formula: total(select("rag_openai_cost_usd_total"), "model"), legend: "{{model}}" }],
    },
  ],
};

export const FUNCTIONS: Group = {
  title: "Functions and exporter",
  graphs: [
    {
      id: "cold_starts",
      title: "Cold starts",
      description: "Requests that waited for a new environment, by function.",
      unit: "count",
      kind: "bars",
      nothing: "No cold starts.",
      queries: [{ formula: total(select("faas_coldstarts_total"), "faas_name"), legend: "starts {{faas_name}}" }],
    },
    {
      id: "cold_start_ratio",
      title: "Cold-start ratio",
      description: "Share of the requests that waited for a new environment.",
      unit: "ratio",
      kind: "lines",
      nothing: "No requests.",
      queries: [{ formula: ratio(total(COLD_REQUESTS), total(REQUESTS)), legend: "cold" }],
    },
    {
      id: "init_time",
      title: "Init time",
      description: "How long new environments took to start.",
      unit: "seconds",
      kind: "lines",
      nothing: "No environment has started.",
      queries: [50, 95].map((percent) => ({ formula: quantile(percent / 100, INIT), legend: `p${percent}` })),
    },
    {
      id: "timeouts",
      title: "Timeouts",
      description: "Requests that ran out of time and got 504, by function.",
      unit: "count",
      kind: "bars",
      nothing: "No timeouts.",
      queries: [
        { formula: total(select("faas_timeouts_total"), "faas_name"), legend: "timeouts {{faas_name}}", failed: true },
      ],
    },
    {
      id: "telemetry",
      title: "Telemetry of the functions",
      description: "Sent, kept for a later attempt because the collector was down or slow, and given up.",
      unit: "per_second",
      kind: "lines",
      nothing: "Nothing was exported.",
      queries: [
        { formula: perSecond(exported("span")), legend: "spans exported" },
        { formula: perSecond(exported("metric_data_point")), legend: "data points exported" },
        { formula: perSecond(select("rag_telemetry_retained_total"), "signal"), legend: "{{signal}} retained" },
        {
          formula: perSecond(dropped("span"), "error_type"),
          legend: "spans dropped: {{error_type}}",
          failed: true,
        },
        {
          formula: perSecond(dropped("metric_data_point"), "error_type"),
          legend: "data points dropped: {{error_type}}",
          failed: true,
        },
      ],
    },
    {
      id: "flush_duration",
      title: "Flush duration",
      description: "How long environments stayed awake after the response to export telemetry.",
      unit: "seconds",
      kind: "lines",
      nothing: "Nothing was exported.",
      queries: [50, 95].map((percent) => ({
        formula: quantile(percent / 100, FLUSH, "signal"),
        legend: `{{signal}}, p${percent}`,
      })),
    },
  ],
};
