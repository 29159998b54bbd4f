import { collectorPanels } from "./collector.ts";
import { BAD, GOOD, NEUTRAL, QUANTILES, WARN } from "./colours.ts";
import { graph } from "./graph.ts";
import { metric, perSecond, quantile, ratio, STEP, total } from "./promql.ts";

const REQUESTS = metric("http_server_request_duration_seconds_count");
const COLD_STARTS = metric("faas_coldstarts_total");
/** Cold starts of functions that serve requests, without those that process messages. */
const COLD_REQUESTS = metric("faas_coldstarts_total", 'faas_trigger!="pubsub"');
const INIT = metric("faas_init_duration_seconds_bucket");
const MESSAGES = metric("messaging_client_consumed_messages_total");
const PROCESSING = metric("messaging_process_duration_seconds_bucket");
const FLUSH = metric("rag_telemetry_flush_duration_seconds_bucket");

const exported = (item: string, dropped: boolean): string =>
  metric(`otel_sdk_exporter_${item}_exported_total`, dropped ? 'error_type!=""' : 'error_type=""');

const panels = [
  graph({
    title: "Cold starts",
    description:
      "Requests that waited for a new environment, by function. They follow bursts of traffic; if there are many in quiet times, consider provisioned concurrency.",
    unit: "locale",
    decimals: 0,
    noValue: "No cold starts in this range",
    queries: [{ expr: total(COLD_STARTS, STEP, "faas_name"), legend: "starts {{faas_name}}" }],
    draw: "bars",
    width: 8,
    height: 8,
  }),
  graph({
    title: "Cold-start ratio",
    description:
      "Share of requests that waited for a new environment. If it stays high, traffic is low or functions are too slow for their environments to be reused.",
    unit: "percentunit",
    noValue: "No requests in this range",
    queries: [{ expr: ratio(total(COLD_REQUESTS, STEP), total(REQUESTS, STEP)), legend: "cold" }],
    colours: { cold: NEUTRAL },
    softMax: 0.1,
    width: 8,
    height: 8,
  }),
  graph({
    title: "Init time",
    description:
      "How long new environments took to start. If it grows, the bundle has grown, or init loads more than it needs.",
    unit: "s",
    noValue: "No environment started in this range",
    queries: [
      { expr: quantile(0.5, INIT, STEP), legend: "p50" },
      { expr: quantile(0.95, INIT, STEP), legend: "p95" },
    ],
    colours: QUANTILES,
    width: 8,
    height: 8,
  }),
  graph({
    title: "Timeouts",
    description:
      "Invocations that reached their time limit and responded with 504, by function. The failed trace shows the unfinished stage; give the function more time or that stage less.",
    unit: "locale",
    decimals: 0,
    noValue: "No timeouts in this range",
    queries: [{ expr: total(metric("faas_timeouts_total"), STEP, "faas_name"), legend: "timeouts {{faas_name}}" }],
    colours: { "/^timeouts/": BAD },
    draw: "bars",
    width: 8,
    height: 8,
  }),
  graph({
    title: "Telemetry of the functions",
    description:
      "Spans and data points per second that were exported, retained for a later flush, and dropped. Retained means that the collector is slow or down; dropped ones are lost, with the reason in error_type.",
    unit: "suffix:/s",
    noValue: "No telemetry in this range: is OTEL_ENABLED false, or the collector down?",
    queries: [
      { expr: perSecond(exported("span", false)), legend: "spans exported" },
      { expr: perSecond(exported("metric_data_point", false)), legend: "data points exported" },
      { expr: perSecond(metric("rag_telemetry_retained_total"), "signal"), legend: "{{signal}} retained" },
      { expr: perSecond(exported("span", true), "error_type"), legend: "spans dropped: {{error_type}}" },
      {
        expr: perSecond(exported("metric_data_point", true), "error_type"),
        legend: "data points dropped: {{error_type}}",
      },
    ],
    colours: { "spans exported": GOOD, "data points exported": NEUTRAL, "/retained/": WARN, "/dropped/": BAD },
    width: 8,
    height: 8,
  }),
  graph({
    title: "Flush duration",
    description:
      "Time that environments stayed active after the response to export telemetry; it is billed, but does not delay responses. Near 1 s, the collector is far away or slow.",
    unit: "s",
    noValue: "No flush in this range",
    queries: [
      { expr: quantile(0.5, FLUSH, STEP, "signal"), legend: "{{signal}}, p50" },
      { expr: quantile(0.95, FLUSH, STEP, "signal"), legend: "{{signal}}, p95" },
    ],
    colours: {
      "traces, p50": "light-purple",
      "traces, p95": "purple",
      "metrics, p50": "light-blue",
      "metrics, p95": "blue",
    },
    width: 8,
    height: 8,
  }),
  graph({
    title: "Messages of the queue",
    description:
      "Messages delivered to embed. Those with an error_type failed and are delivered again or, after five attempts, moved to the dead-letter queue. invalid_message is not retryable; the log has the reason.",
    unit: "locale",
    decimals: 0,
    noValue: "No messages in this range",
    queries: [{ expr: total(MESSAGES, STEP, "error_type"), legend: "messages {{error_type}}" }],
    colours: { "messages ": GOOD, "/^messages ./": BAD },
    draw: "bars",
    width: 12,
    height: 8,
  }),
  graph({
    title: "Time per message",
    description:
      "Processing time per message. The messages of a batch share the function's time limit: near it, send fewer documents per message.",
    unit: "s",
    noValue: "No messages in this range",
    queries: [
      { expr: quantile(0.5, PROCESSING, STEP), legend: "p50" },
      { expr: quantile(0.95, PROCESSING, STEP), legend: "p95" },
    ],
    colours: QUANTILES,
    width: 12,
    height: 8,
  }),
  ...collectorPanels,
];

export const serverless = { title: "Serverless", panels };
