import {
  attribute,
  type DataPoint,
  type MetricsPayload,
  type OtlpMetric,
  type OtlpSpan,
  type TracesPayload,
} from "../../support/otlp.ts";

/** `AGGREGATION_TEMPORALITY_DELTA` (opentelemetry-proto, metrics.proto). */
const DELTA = 1;

interface Resource {
  attributes?: NonNullable<OtlpSpan["attributes"]>;
}
type Traces = { resourceSpans?: (NonNullable<TracesPayload["resourceSpans"]>[number] & { resource?: Resource })[] };
type Metrics = {
  resourceMetrics?: (NonNullable<MetricsPayload["resourceMetrics"]>[number] & { resource?: Resource })[];
};
type Point = DataPoint & { startTimeUnixNano?: string; timeUnixNano?: string };
type Metric = OtlpMetric & {
  gauge?: { dataPoints?: Point[] };
  sum?: { aggregationTemporality?: number };
  histogram?: { aggregationTemporality?: number };
};

export interface RecordedSpan extends OtlpSpan {
  /** `service.instance.id` of the sender. */
  instance: string;
  /** When the request with its first copy arrived, in milliseconds of the collector's clock. */
  at: number;
  /** How often it arrived; more than 1 is a duplicate. */
  copies: number;
}

export interface RecordedPoint {
  name: string;
  attributes: Readonly<Record<string, string | number | boolean | undefined>>;
  /** `service.instance.id` of the sender. */
  instance: string;
  /** A counter's value; a histogram's sum. */
  value: number;
  /** A histogram's count; 1 for others. */
  count: number;
  delta: boolean;
  /** How often it arrived; more than 1 is a duplicate. */
  copies: number;
}

/**
 * Everything a collector accepted: each span and each data point once, with its number of copies. Two data points are
 * the same when name, attributes, sender, start time and time are equal.
 */
export class Ledger {
  readonly #spans = new Map<string, RecordedSpan>();
  readonly #points = new Map<string, RecordedPoint>();

  get spans(): RecordedSpan[] {
    return [...this.#spans.values()];
  }

  get points(): RecordedPoint[] {
    return [...this.#points.values()];
  }

  /** Number of surplus copies of spans and data points. */
  get duplicates(): number {
    return [...this.spans, ...this.points].reduce((total, { copies }) => total + copies - 1, 0);
  }

  /** Spans whose parent was not received: roots, including those with a remote parent. */
  roots(): RecordedSpan[] {
    const known = new Set(this.spans.map(({ spanId }) => spanId));
    return this.spans.filter(({ parentSpanId }) => !parentSpanId || !known.has(parentSpanId));
  }

  /** The sum of all deltas of a metric, copies included: what a backend would show. */
  total(name: string, matching: Record<string, unknown> = {}): { value: number; count: number } {
    const total = { value: 0, count: 0 };
    for (const point of this.#points.values()) {
      if (point.name !== name || !point.delta) continue;
      if (Object.entries(matching).some(([key, value]) => point.attributes[key] !== value)) continue;
      total.value += point.value * point.copies;
      total.count += point.count * point.copies;
    }
    return total;
  }

  /** @param skip Number of leading spans that were rejected. */
  addTraces(payload: Traces, at: number, skip = 0): void {
    let position = 0;
    for (const { resource = {}, scopeSpans = [] } of payload.resourceSpans ?? []) {
      const instance = instanceOf(resource);
      for (const span of scopeSpans.flatMap(({ spans = [] }) => spans)) {
        position += 1;
        if (position <= skip) continue;
        const known = this.#spans.get(`${span.traceId}:${span.spanId}`);
        if (known) known.copies += 1;
        else this.#spans.set(`${span.traceId}:${span.spanId}`, { ...span, instance, at, copies: 1 });
      }
    }
  }

  /** @param skip Number of leading data points that were rejected. */
  addMetrics(payload: Metrics, skip = 0): void {
    let position = 0;
    for (const { resource = {}, scopeMetrics = [] } of payload.resourceMetrics ?? []) {
      const instance = instanceOf(resource);
      for (const metric of scopeMetrics.flatMap(({ metrics = [] }) => metrics) as Metric[]) {
        const delta = (metric.sum ?? metric.histogram)?.aggregationTemporality === DELTA;
        for (const point of pointsOf(metric)) {
          position += 1;
          if (position > skip) this.#addPoint(metric.name, point, instance, delta);
        }
      }
    }
  }

  #addPoint(name: string, point: Point, instance: string, delta: boolean): void {
    const attributes = Object.fromEntries(
      (point.attributes ?? []).map(({ key }) => [key, attribute(point, key)] as const).toSorted(),
    );
    // Two deltas collected within one millisecond share their start time, so the end time is part of the identity.
    const time = `${point.startTimeUnixNano}/${point.timeUnixNano}`;
    const id = JSON.stringify([name, instance, time, attributes]);
    const known = this.#points.get(id);
    if (known) {
      known.copies += 1;
      return;
    }
    const value = Number(point.asInt ?? point.asDouble ?? point.sum ?? 0);
    this.#points.set(id, { name, attributes, instance, value, count: Number(point.count ?? 1), delta, copies: 1 });
  }
}

function instanceOf(resource: Resource): string {
  return String(attribute(resource, "service.instance.id") ?? "");
}

function pointsOf(metric: Metric): Point[] {
  return metric.sum?.dataPoints ?? metric.histogram?.dataPoints ?? metric.gauge?.dataPoints ?? [];
}
