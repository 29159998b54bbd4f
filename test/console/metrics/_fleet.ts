/** What a fleet of environments exported in 70 minutes: the same points as OTLP, and as Prometheus would have scraped them. */
import type { MetricsPayload } from "#console/receiver/payload.ts";
import { exported, SECONDS } from "../../local-stack/console/telemetry/metrics/_exports.ts";

/** Seconds between exports, and between scrapes. */
const TICK = 15;
const TICKS = (70 * 60) / TICK;
/** Milliseconds since 1970. */
const START = Date.UTC(2026, 0, 1, 12);
/** When the view is asked for: between two scrapes. */
export const NOW = START + TICKS * TICK * 1000 + 7_000;

type Labels = Record<string, string>;

interface Instrument {
  name: string;
  /** As the collector's Prometheus exporter writes it, without the suffixes of a histogram. */
  prometheus: string;
  attributes: readonly Labels[];
  /** Bounds of a histogram, in the unit of its values. */
  bounds?: readonly number[];
  unit?: string;
  /** Ticks before the first point, so that series begin within the views. */
  from?: number;
}

const each = (name: string, ...values: readonly string[]): Labels[] => values.map((value) => ({ [name]: value }));
const FLUSH = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const REQUEST = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const STAGES = ["embedding", "vector_search", "rerank", "llm_generation"];
const MODELS = ["small", "large"].flatMap((model) =>
  each("type", "prompt", "completion").map((type) => ({ model, ...type })),
);

/** An instrument that has the same name in Prometheus. */
const same = (name: string, attributes: readonly Labels[] = [{}], more: Partial<Instrument> = {}): Instrument => ({
  ...{ name, prometheus: name },
  ...{ attributes, ...more },
});

const INSTRUMENTS: readonly Instrument[] = [
  same("rag_query_duration_seconds", each("outcome", "answered", "not_found", "abandoned"), { bounds: SECONDS }),
  same("rag_query_duration_seconds", each("outcome", "error"), { bounds: SECONDS, from: TICKS - 90 }),
  same("rag_stage_duration_seconds", each("stage", ...STAGES), { bounds: SECONDS }),
  same("rag_search_duration_seconds", each("outcome", "found"), { bounds: SECONDS }),
  same("rag_vector_search_results_count", [{}], { bounds: [0, 1, 2, 5, 10, 20, 50, 100], unit: "{result}" }),
  same("rag_telemetry_flush_duration_seconds", each("signal", "traces", "metrics"), { bounds: FLUSH }),
  {
    ...{ name: "gen_ai.client.inference.time_to_first_chunk", attributes: [{}], bounds: SECONDS },
    prometheus: "gen_ai_client_inference_time_to_first_chunk_seconds",
  },
  {
    ...{ name: "http.server.request.duration", attributes: each("http.route", "/query", "/health"), bounds: REQUEST },
    prometheus: "http_server_request_duration_seconds",
  },
  {
    ...{ name: "faas.init_duration", attributes: [{}], bounds: REQUEST },
    prometheus: "faas_init_duration_seconds",
  },
  same("rag_query_errors_total", each("stage", "validation", "rerank"), { from: TICKS - 15 }),
  same("rag_query_degraded_total", each("stage", "cache")),
  same("rag_embedding_cache_hits_total", [{}], { from: 40 }),
  same("rag_embedding_cache_misses_total"),
  same("rag_openai_tokens_total", MODELS),
  same("rag_openai_cost_usd_total", each("model", "small", "large")),
  same("rag_telemetry_retained_total", each("signal", "traces"), { from: TICKS - 30 }),
  { name: "faas.coldstarts", prometheus: "faas_coldstarts_total", attributes: each("faas.trigger", "http", "pubsub") },
  { name: "faas.timeouts", prometheus: "faas_timeouts_total", attributes: [{}], from: TICKS - 4 },
  {
    ...{ name: "otel.sdk.exporter.span.exported", prometheus: "otel_sdk_exporter_span_exported_total" },
    attributes: [{}, ...each("error.type", "503")],
  },
  {
    ...{ name: "otel.sdk.exporter.metric_data_point.exported", attributes: [{}] },
    prometheus: "otel_sdk_exporter_metric_data_point_exported_total",
  },
];

export interface Recording {
  /** Milliseconds since 1970, with what was exported then. */
  exports: { at: number; payload: MetricsPayload }[];
  /** Every scrape, as promtool reads it. */
  openMetrics: string;
}

/** The same recording every time. */
export function record(): Recording {
  const random = randomOf(20);
  const exports: Recording["exports"] = [];
  const scraped = new Map<string, string[]>();
  const values = new Map<string, number>();
  const add = (series: string, value: number) => values.set(series, (values.get(series) ?? 0) + value);
  let counted = 0;

  for (let tick = 0; tick <= TICKS; tick++) {
    const at = START + tick * TICK * 1000;
    for (const { from = 0, prometheus, attributes, bounds, ...instrument } of INSTRUMENTS) {
      // Long breaks, so that there are windows without an observation.
      if (tick < from || tick % 40 > 28 || random() > 0.4) continue;
      const labels = attributes[Math.floor(random() * attributes.length)] ?? {};
      const instance = String(Math.floor(random() * 5));
      const metric = bounds
        ? { ...instrument, attributes: labels, bounds, observed: observations(random, bounds) }
        : { ...instrument, attributes: labels, value: Math.ceil(random() * 5) };
      exports.push({ at, payload: exported({ instance, metrics: [metric] }) });
      const of = (suffix: string, more: Labels = {}) => seriesOf(prometheus + suffix, { ...labels, ...more });
      if ("value" in metric) {
        add(of(""), metric.value);
        continue;
      }
      add(of("_count"), metric.observed.length);
      add(
        of("_sum"),
        metric.observed.reduce((sum, value) => sum + value, 0),
      );
      for (const bound of metric.bounds) {
        add(of("_bucket", { le: String(bound) }), metric.observed.filter((value) => value <= bound).length);
      }
      add(of("_bucket", { le: "+Inf" }), metric.observed.length);
    }

    // A process of another SDK, which counts since its start, and restarts twice.
    counted = tick % 100 === 99 ? 1 : counted + Math.floor(random() * 3);
    const time = BigInt(at) * 1_000_000n;
    const metrics = [
      { name: "rag_openai_tokens_total", attributes: { model: "other", type: "prompt" }, value: counted },
    ];
    exports.push({ at, payload: exported({ instance: "other", temporality: "cumulative", start: 1n, time, metrics }) });
    values.set(
      seriesOf("rag_openai_tokens_total", { model: "other", type: "prompt", "service.instance.id": "other" }),
      counted,
    );

    for (const [series, value] of values) {
      const samples = scraped.get(series) ?? [];
      samples.push(`${series} ${value} ${at / 1000}`);
      scraped.set(series, samples);
    }
  }
  return { exports, openMetrics: `${[...scraped.values()].flat().join("\n")}\n# EOF\n` };
}

function seriesOf(name: string, labels: Labels): string {
  const all = { ...labels, "service.name": "edge-rag", "faas.name": "query" };
  return `${name}{${Object.entries(all).map(([label, value]) => `${label.replaceAll(".", "_")}="${value}"`)}}`;
}

/** Up to four, some above the highest bound. */
function observations(random: () => number, bounds: readonly number[]): number[] {
  const highest = bounds.at(-1) ?? 1;
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => highest * 1.1 * random() ** 4);
}

/** mulberry32: https://github.com/cprosche/mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
