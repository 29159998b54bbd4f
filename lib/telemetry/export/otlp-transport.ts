import { JsonMetricsSerializer, JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { createTransport, type OtlpEndpoint } from "./otlp-http.ts";
import type { Transport } from "./transport.ts";

/** Batches that waited leave together: a backlog is gone in a few requests. */
const MERGE_BYTES = 512 * 1_024;

export function otlpSpanTransport(endpoint: OtlpEndpoint): Transport<ReadableSpan[], Uint8Array> {
  return otlpChannel("resourceSpans", (spans: ReadableSpan[]) => JsonTraceSerializer.serializeRequest(spans), endpoint);
}

export function otlpMetricTransport(endpoint: OtlpEndpoint): Transport<ResourceMetrics, Uint8Array> {
  const serialize = (metrics: ResourceMetrics) => JsonMetricsSerializer.serializeRequest(metrics);
  return otlpChannel("resourceMetrics", serialize, endpoint);
}

/**
 * Keeps of each batch the bytes between the brackets of `{"<field>":[…]}`, the whole of an OTLP/JSON request: batches
 * joined by commas are one request again.
 */
function otlpChannel<Batch>(
  field: string,
  serialize: (batch: Batch) => Uint8Array | undefined,
  endpoint: OtlpEndpoint,
): Transport<Batch, Uint8Array> {
  const transport = createTransport(endpoint);
  const [head, comma, tail] = [`{"${field}":[`, ",", "]}"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
  return {
    mergeBytes: MERGE_BYTES,
    pack(batch) {
      const { buffer, byteOffset, length } = serialize(batch) ?? new Uint8Array();
      const request = Buffer.from(buffer, byteOffset, length);
      if (!request.subarray(0, head.length).equals(head) || !request.subarray(-tail.length).equals(tail)) {
        throw new Error(`not a list of ${field}`);
      }
      const content = request.subarray(head.length, -tail.length);
      return { content, bytes: content.length };
    },
    send(contents) {
      const parts = contents.flatMap((content, position) => (position === 0 ? [content] : [comma, content]));
      return transport.send(Buffer.concat([head, ...parts, tail]));
    },
    close: transport.close,
  };
}
