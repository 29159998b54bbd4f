/**
 * The messages of OTLP that the receiver reads and writes, with the field numbers of opentelemetry-proto 1.x. Fields that
 * are not here are skipped. https://github.com/open-telemetry/opentelemetry-proto
 */
import type { INamespace } from "protobufjs";

type Definition = readonly [type: string, id: number] | readonly ["repeated", type: string, id: number];

const POINT_TIMES = { startTimeUnixNano: ["fixed64", 2], timeUnixNano: ["fixed64", 3] } as const;
const attributes = (id: number) => ({ attributes: ["repeated", "KeyValue", id] }) as const;
const dataPoints = (type: string) => ({ dataPoints: ["repeated", type, 1] }) as const;
const TEMPORALITY = { aggregationTemporality: ["int32", 2] } as const;

const MESSAGES: Readonly<Record<string, Readonly<Record<string, Definition>>>> = {
  AnyValue: {
    stringValue: ["string", 1],
    boolValue: ["bool", 2],
    intValue: ["int64", 3],
    doubleValue: ["double", 4],
    arrayValue: ["ArrayValue", 5],
    kvlistValue: ["KeyValueList", 6],
    bytesValue: ["bytes", 7],
  },
  ArrayValue: { values: ["repeated", "AnyValue", 1] },
  KeyValueList: { values: ["repeated", "KeyValue", 1] },
  KeyValue: { key: ["string", 1], value: ["AnyValue", 2] },
  Resource: attributes(1),
  InstrumentationScope: { name: ["string", 1], version: ["string", 2], ...attributes(3) },

  ExportTraceServiceRequest: { resourceSpans: ["repeated", "ResourceSpans", 1] },
  ResourceSpans: { resource: ["Resource", 1], scopeSpans: ["repeated", "ScopeSpans", 2] },
  ScopeSpans: { scope: ["InstrumentationScope", 1], spans: ["repeated", "Span", 2] },
  Span: {
    traceId: ["bytes", 1],
    spanId: ["bytes", 2],
    parentSpanId: ["bytes", 4],
    name: ["string", 5],
    kind: ["int32", 6],
    startTimeUnixNano: ["fixed64", 7],
    endTimeUnixNano: ["fixed64", 8],
    ...attributes(9),
    events: ["repeated", "Event", 11],
    links: ["repeated", "Link", 13],
    status: ["SpanStatus", 15],
  },
  Event: { timeUnixNano: ["fixed64", 1], name: ["string", 2], ...attributes(3) },
  Link: { traceId: ["bytes", 1], spanId: ["bytes", 2], ...attributes(4) },
  SpanStatus: { message: ["string", 2], code: ["int32", 3] },

  ExportMetricsServiceRequest: { resourceMetrics: ["repeated", "ResourceMetrics", 1] },
  ResourceMetrics: { resource: ["Resource", 1], scopeMetrics: ["repeated", "ScopeMetrics", 2] },
  ScopeMetrics: { scope: ["InstrumentationScope", 1], metrics: ["repeated", "Metric", 2] },
  Metric: {
    name: ["string", 1],
    description: ["string", 2],
    unit: ["string", 3],
    gauge: ["Gauge", 5],
    sum: ["Sum", 7],
    histogram: ["Histogram", 9],
    exponentialHistogram: ["ExponentialHistogram", 10],
    summary: ["Summary", 11],
  },
  Gauge: dataPoints("NumberDataPoint"),
  Sum: { ...dataPoints("NumberDataPoint"), ...TEMPORALITY, isMonotonic: ["bool", 3] },
  Histogram: { ...dataPoints("HistogramDataPoint"), ...TEMPORALITY },
  ExponentialHistogram: { ...dataPoints("ExponentialHistogramDataPoint"), ...TEMPORALITY },
  Summary: dataPoints("SummaryDataPoint"),
  NumberDataPoint: {
    ...POINT_TIMES,
    asDouble: ["double", 4],
    asInt: ["sfixed64", 6],
    ...attributes(7),
    flags: ["uint32", 8],
  },
  HistogramDataPoint: {
    ...POINT_TIMES,
    count: ["fixed64", 4],
    sum: ["double", 5],
    bucketCounts: ["repeated", "fixed64", 6],
    explicitBounds: ["repeated", "double", 7],
    ...attributes(9),
    flags: ["uint32", 10],
    min: ["double", 11],
    max: ["double", 12],
  },
  ExponentialHistogramDataPoint: {
    ...attributes(1),
    ...POINT_TIMES,
    count: ["fixed64", 4],
    sum: ["double", 5],
    scale: ["sint32", 6],
    zeroCount: ["fixed64", 7],
    positive: ["Buckets", 8],
    negative: ["Buckets", 9],
    flags: ["uint32", 10],
    min: ["double", 12],
    max: ["double", 13],
    zeroThreshold: ["double", 14],
  },
  Buckets: { offset: ["sint32", 1], bucketCounts: ["repeated", "uint64", 2] },
  SummaryDataPoint: {
    ...POINT_TIMES,
    count: ["fixed64", 4],
    sum: ["double", 5],
    quantileValues: ["repeated", "ValueAtQuantile", 6],
    ...attributes(7),
    flags: ["uint32", 8],
  },
  ValueAtQuantile: { quantile: ["double", 1], value: ["double", 2] },

  ExportResponse: { partialSuccess: ["PartialSuccess", 1] },
  /** `rejected_spans` or `rejected_data_points`. */
  PartialSuccess: { rejected: ["int64", 1], errorMessage: ["string", 2] },
  /** `google.rpc.Status`. */
  Status: { code: ["int32", 1], message: ["string", 2] },
};

/**
 * The description that protobufjs reads. With the rules of proto2, an absent field can be told from one that is zero, which
 * proto3 has only for fields of a oneof, and text is not rejected for its encoding.
 */
export function describeMessages(): INamespace {
  const types = Object.entries(MESSAGES).map(([name, fields]) => {
    const described = Object.entries(fields).map(([field, definition]) => {
      const [type, id] = definition.length === 3 ? [definition[1], definition[2]] : definition;
      return [field, { type, id, ...(definition.length === 3 && { rule: "repeated" }) }];
    });
    return [name, { edition: "proto2", fields: Object.fromEntries(described) }];
  });
  return { nested: Object.fromEntries(types) };
}
