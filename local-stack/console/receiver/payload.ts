/**
 * What a request of OTLP carries, the same for both encodings: flat lists, with OTLP's names for the fields. Ids are lower
 * case hexadecimal, absent fields have Protocol Buffers' default, attributes are plain values.
 */
import type { Attributes, Span as ConsoleSpan } from "#console/contract.ts";

export interface Resource {
  attributes: Attributes;
}

export interface Scope {
  name: string;
  version: string;
  attributes: Attributes;
}

/** Shared by what the same process, and the same library, sent in one request. */
interface Origin {
  resource: Resource;
  scope: Scope;
}

export interface TracesPayload {
  spans: OtlpSpan[];
}

export interface OtlpSpan extends Origin {
  /** 32 digits, not all zero. */
  traceId: string;
  /** 16 digits, not all zero. */
  spanId: string;
  /** Absent for a root. */
  parentSpanId?: string;
  name: string;
  kind: ConsoleSpan["kind"];
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Attributes;
  events: { timeUnixNano: bigint; name: string; attributes: Attributes }[];
  links: { traceId: string; spanId: string; attributes: Attributes }[];
  status: { code: ConsoleSpan["status"]; message: string };
}

export interface MetricsPayload {
  metrics: OtlpMetric[];
}

export type OtlpMetric = Origin & {
  name: string;
  description: string;
  unit: string;
} & (
    | { type: "sum"; temporality: Temporality; isMonotonic: boolean; dataPoints: NumberPoint[] }
    | { type: "gauge"; dataPoints: NumberPoint[] }
    | { type: "histogram"; temporality: Temporality; dataPoints: HistogramPoint[] }
    | { type: "exponentialHistogram"; temporality: Temporality; dataPoints: ExponentialHistogramPoint[] }
    | { type: "summary"; dataPoints: SummaryPoint[] }
  );

/** Whether a point counts since the one before it, or since its process started. */
export type Temporality = "delta" | "cumulative";

interface Point {
  attributes: Attributes;
  /** 0 where the sender does not say. */
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
}

export interface NumberPoint extends Point {
  /** An integer beyond 2^53 is rounded. */
  value: number;
}

interface Distribution extends Point {
  count: number;
  sum?: number;
  min?: number;
  max?: number;
}

export interface HistogramPoint extends Distribution {
  /** One more than bounds, the last without an upper one; or both empty. */
  bucketCounts: number[];
  /** Inclusive upper bounds, ascending. */
  explicitBounds: number[];
}

/** https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram */
export interface ExponentialHistogramPoint extends Distribution {
  scale: number;
  zeroCount: number;
  zeroThreshold: number;
  positive: ExponentialBuckets;
  negative: ExponentialBuckets;
}

export interface ExponentialBuckets {
  /** Index of the first bucket. */
  offset: number;
  bucketCounts: number[];
}

export interface SummaryPoint extends Point {
  count: number;
  sum: number;
  quantileValues: { quantile: number; value: number }[];
}
