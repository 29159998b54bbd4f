import { ProtobufMetricsSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { withDoublesInProtobuf } from "./double-attributes.ts";
import type { Encoding } from "./encoding.ts";

const NOTHING = Buffer.alloc(0);

/** A request is one repeated field: concatenated requests are one with the fields of all (Protocol Buffers, "Last One Wins"). */
const shared = { type: "application/x-protobuf", frame: { head: NOTHING, separator: NOTHING, tail: NOTHING } } as const;

export const PROTOBUF_SPANS: Encoding<ReadableSpan[]> = {
  ...shared,
  serialize: (spans) => withDoublesInProtobuf(spans, ProtobufTraceSerializer.serializeRequest),
  deserialize: (response) => ProtobufTraceSerializer.deserializeResponse(response),
};

export const PROTOBUF_METRICS: Encoding<ResourceMetrics> = {
  ...shared,
  serialize: (metrics) => ProtobufMetricsSerializer.serializeRequest(metrics),
  deserialize: (response) => ProtobufMetricsSerializer.deserializeResponse(response),
};
