import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { metricsRequest } from "./json-metrics.ts";
import { spansRequest } from "./json-spans.ts";

/** How requests to a collector, and its responses, are encoded. */
export interface Encoding<Batch> {
  /** The media type. */
  type: "application/json" | "application/x-protobuf";
  /** The request with one batch. */
  serialize(batch: Batch): Uint8Array | undefined;
  /** A response with the fields of `ExportTraceServiceResponse` or `ExportMetricsServiceResponse`; may throw. */
  deserialize(response: Uint8Array): unknown;
  /** What surrounds and separates the content of batches that share a request. */
  frame: Readonly<Record<"head" | "separator" | "tail", Buffer>>;
}

export const JSON_SPANS: Encoding<ReadableSpan[]> = json("resourceSpans", spansRequest);

export const JSON_METRICS: Encoding<ResourceMetrics> = json("resourceMetrics", metricsRequest);

/** `{"<field>":[…]}` is all of an OTLP/JSON request. */
function json<Batch>(field: string, serialize: Encoding<Batch>["serialize"]): Encoding<Batch> {
  const [head, separator, tail] = [`{"${field}":[`, ",", "]}"].map((text) => Buffer.from(text)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  return { type: "application/json", serialize, deserialize: parseJson, frame: { head, separator, tail } };
}

export function parseJson(response: Uint8Array): unknown {
  return JSON.parse(Buffer.from(response).toString());
}
