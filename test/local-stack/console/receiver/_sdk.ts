/** Arbitrary spans and metrics as the official SDK has them, for its own serializers. */
import { SpanKind, SpanStatusCode, ValueType } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  InstrumentType,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import fc from "fast-check";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
/** What is told apart from an absent value, and what JSON escapes. */
const special = fc.constantFrom("", '"', "\\", '\\":12345678901234567', "__proto__", "constructor", "\u0000", "‮");
const id = (digits: number) =>
  fc
    .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: digits, maxLength: digits })
    .filter((hex) => /[^0]/.test(hex));
const time = fc.tuple(fc.integer({ min: 0, max: 4_000_000_000 }), fc.integer({ min: 0, max: 999_999_999 }));
const scalar = fc.oneof(
  text,
  special,
  fc.boolean(),
  fc.integer(),
  // JSON has the shortest digits of larger ones, Protobuf all.
  fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0.1),
  fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e15, max: 1e15 }).map(withoutSign),
);
const attributes = fc.dictionary(
  fc.oneof(text, special),
  fc.oneof(scalar, fc.array(text, { maxLength: 3 }), fc.array(fc.integer(), { maxLength: 3 })),
  { maxKeys: 5 },
);

const resource = attributes.map((values) => resourceFromAttributes(values));
const scope = fc.record({ name: text, version: text });
const context = fc.record({ traceId: id(32), spanId: id(16), traceFlags: fc.constantFrom(0, 1) });

export const span: fc.Arbitrary<ReadableSpan> = fc
  .record({
    context,
    parentSpanContext: fc.option(context, { nil: undefined }),
    name: text,
    kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER),
    startTime: time,
    endTime: time,
    status: fc.record({
      code: fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR),
      message: text,
    }),
    attributes,
    events: fc.array(fc.record({ name: text, time, attributes }), { maxLength: 2 }),
    links: fc.array(fc.record({ context, attributes }), { maxLength: 2 }),
    resource,
    instrumentationScope: scope,
  })
  .map(({ context: own, ...rest }) => ({
    ...rest,
    spanContext: () => own,
    ...{ duration: [0, 0], ended: true, droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  })) as fc.Arbitrary<ReadableSpan>;

const count = fc.integer({ min: 0, max: 1_000_000 });
const double = fc.double({ noDefaultInfinity: true, noNaN: true }).map(withoutSign);
const buckets = fc.record({
  offset: fc.integer({ min: -20, max: 20 }),
  bucketCounts: fc.array(count, { maxLength: 3 }),
});
const histogram = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { maxLength: 4 }).chain((boundaries) =>
  fc.record({
    ...{ count, sum: double, min: double, max: double },
    buckets: fc
      .array(count, { minLength: boundaries.length + 1, maxLength: boundaries.length + 1 })
      .map((counts) => ({ boundaries: boundaries.toSorted((a, b) => a - b), counts })),
  }),
);
const exponential = fc.record({
  ...{ count, sum: double, min: double, max: double, scale: fc.integer({ min: -10, max: 20 }), zeroCount: count },
  ...{ positive: buckets, negative: buckets },
});

function pointsOf<Value>(value: fc.Arbitrary<Value>) {
  return fc.array(fc.record({ startTime: time, endTime: time, attributes, value }), { maxLength: 3 });
}

function metricOf(type: InstrumentType, valueType: ValueType, data: Record<string, fc.Arbitrary<unknown>>) {
  const descriptor = { type: fc.constant(type), valueType: fc.constant(valueType), advice: fc.constant({}) };
  const named = { name: text.map((name) => `m${name}`), description: text, unit: text };
  const aggregationTemporality = fc.constantFrom(AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE);
  return fc.record({ aggregationTemporality, descriptor: fc.record({ ...named, ...descriptor }), ...data });
}

const metric = fc.oneof(
  metricOf(InstrumentType.COUNTER, ValueType.INT, {
    ...{ dataPointType: fc.constant(DataPointType.SUM), isMonotonic: fc.boolean(), dataPoints: pointsOf(fc.integer()) },
  }),
  metricOf(InstrumentType.COUNTER, ValueType.DOUBLE, {
    ...{ dataPointType: fc.constant(DataPointType.SUM), isMonotonic: fc.boolean(), dataPoints: pointsOf(double) },
  }),
  metricOf(InstrumentType.GAUGE, ValueType.DOUBLE, {
    ...{ dataPointType: fc.constant(DataPointType.GAUGE), dataPoints: pointsOf(double) },
  }),
  metricOf(InstrumentType.HISTOGRAM, ValueType.DOUBLE, {
    ...{ dataPointType: fc.constant(DataPointType.HISTOGRAM), dataPoints: pointsOf(histogram) },
  }),
  metricOf(InstrumentType.HISTOGRAM, ValueType.DOUBLE, {
    ...{ dataPointType: fc.constant(DataPointType.EXPONENTIAL_HISTOGRAM), dataPoints: pointsOf(exponential) },
  }),
);

export const resourceMetrics = fc.record({
  resource,
  scopeMetrics: fc.array(fc.record({ scope, metrics: fc.array(metric, { maxLength: 3 }) }), { maxLength: 2 }),
}) as unknown as fc.Arbitrary<ResourceMetrics>;

/** Of a negative zero, which JSON does not have. */
function withoutSign(value: number): number {
  return value === 0 ? 0 : value;
}
