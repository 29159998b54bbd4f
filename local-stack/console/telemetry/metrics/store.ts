/** Keeps the metrics that panels need, as the collector would hand them to Prometheus. */
import type { HistogramPoint, MetricsPayload, NumberPoint, OtlpMetric } from "#console/receiver/payload.ts";
import { createDuplicates } from "./duplicates.ts";
import { append, type History } from "./history.ts";
import { keyOf, labelsOf, ofAllEnvironments, prometheusName } from "./names.ts";

/** A counter, or a part of a histogram: since the first point, or as its sender counts. */
export interface Series {
  labels: Readonly<Record<string, string>>;
  history: History;
  /** Of the last cumulative point: one that is not newer was overtaken, or sent twice. */
  lastUnixNano: bigint;
}

export interface MetricsStore {
  add(payload: MetricsPayload): void;
  /** Series by the name of Prometheus' data model, such as rag_query_duration_seconds_bucket. */
  named(name: string): readonly Series[];
  /** Points of series that were not kept because there were too many. */
  readonly leftOut: number;
}

export interface StoreOptions {
  /** The names to keep, as {@link MetricsStore.named} takes them. */
  names: ReadonlySet<string>;
  /** Milliseconds since 1970. Points count when they arrive: senders have clocks of their own. */
  now?: () => number;
  maxSeries?: number;
}

/**
 * Delta points of all environments add up to one series, as in collector.yaml, except that a delta point that is sent again
 * counts once. Cumulative points stay as they are, a series for each sender. Other kinds are not needed, and left out.
 */
export function createMetricsStore({ names, now = Date.now, maxSeries = 4_000 }: StoreOptions): MetricsStore {
  const byName = new Map<string, Series[]>();
  const byLabels = new Map<string, Series>();
  const duplicates = createDuplicates();
  let leftOut = 0;

  function add(metric: OtlpMetric): void {
    if (metric.type !== "histogram" && (metric.type !== "sum" || !metric.isMonotonic)) return;
    const name = prometheusName(metric.name, metric.unit, metric.type === "sum");
    const isKept = ["", "_bucket", "_count", "_sum"].some((suffix) => names.has(name + suffix));
    if (!isKept) return;
    const isDelta = metric.temporality === "delta";
    const resource = isDelta ? ofAllEnvironments(metric.resource.attributes) : metric.resource.attributes;
    for (const point of metric.dataPoints) {
      if (isDelta && duplicates.has(metric, point)) continue;
      const labels = labelsOf(point.attributes, resource);
      for (const [suffix, value, le] of valuesOf(point)) {
        record(name + suffix, le === undefined ? labels : { ...labels, le }, value, isDelta ? undefined : point);
      }
    }
  }

  function record(
    name: string,
    labels: Record<string, string>,
    value: number,
    cumulative?: NumberPoint | HistogramPoint,
  ) {
    if (!names.has(name)) return;
    const series = seriesOf(name, labels);
    if (!series) return;
    if (cumulative) {
      if (cumulative.timeUnixNano <= series.lastUnixNano) return;
      series.lastUnixNano = cumulative.timeUnixNano;
      return append(series.history, now(), value);
    }
    append(series.history, now(), (series.history.values.at(-1) ?? 0) + value);
  }

  function seriesOf(name: string, labels: Record<string, string>): Series | undefined {
    const key = name + keyOf(labels);
    const known = byLabels.get(key);
    if (known) return known;
    if (byLabels.size >= maxSeries) {
      leftOut++;
      return undefined;
    }
    const series: Series = { labels, history: { times: [], values: [] }, lastUnixNano: -1n };
    byLabels.set(key, series);
    const all = byName.get(name);
    if (all) all.push(series);
    else byName.set(name, [series]);
    return series;
  }

  return {
    add({ metrics }) {
      for (const metric of metrics) add(metric);
    },
    named: (name) => byName.get(name) ?? [],
    get leftOut() {
      return leftOut;
    },
  };
}

/** The series of a point: suffix, value, upper bound. Buckets include the smaller ones. */
function* valuesOf(point: NumberPoint | HistogramPoint): Generator<[suffix: string, value: number, le?: string]> {
  if ("value" in point) return yield ["", point.value];
  yield ["_count", point.count];
  yield ["_sum", point.sum ?? 0];
  let upTo = 0;
  for (const [index, bound] of point.explicitBounds.entries()) {
    upTo += point.bucketCounts[index] ?? 0;
    yield ["_bucket", upTo, String(bound)];
  }
  yield ["_bucket", point.count, "+Inf"];
}
