import { JsonMetricsSerializer, JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { createOtlpHttpClient, type OtlpEndpoint } from "./otlp-http.ts";
import type { Transport } from "./transport.ts";

/** Queued batches share requests: a backlog is sent in a few of them. */
const MAX_REQUEST_BYTES = 512 * 1_024;

export function otlpSpanTransport(endpoint: OtlpEndpoint): Transport<ReadableSpan[], Uint8Array> {
  return otlpTransport(
    "resourceSpans",
    (spans: ReadableSpan[]) => JsonTraceSerializer.serializeRequest(spans),
    endpoint,
  );
}

export function otlpMetricTransport(endpoint: OtlpEndpoint): Transport<ResourceMetrics, Uint8Array> {
  const serialize = (metrics: ResourceMetrics) => JsonMetricsSerializer.serializeRequest(metrics);
  return otlpTransport("resourceMetrics", serialize, endpoint);
}

/**
 * Queues the bytes between the brackets of `{"<field>":[…]}`, which is all of an OTLP/JSON request: batches joined by
 * commas are one request.
 */
function otlpTransport<Batch>(
  field: string,
  serializeRequest: (batch: Batch) => Uint8Array | undefined,
  endpoint: OtlpEndpoint,
): Transport<Batch, Uint8Array> {
  const client = createOtlpHttpClient(endpoint);
  const [head, comma, tail] = [`{"${field}":[`, ",", "]}"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
  return {
    maxRequestBytes: MAX_REQUEST_BYTES,
    serialize(batch) {
      const { buffer, byteOffset, length } = serializeRequest(batch) ?? new Uint8Array();
      const request = Buffer.from(buffer, byteOffset, length);
      if (!request.subarray(0, head.length).equals(head) || !request.subarray(-tail.length).equals(tail)) {
        throw new Error(`not a list of ${field}`);
      }
      const content = request.subarray(head.length, -tail.length);
      return { content, bytes: content.length };
    },
    send(contents) {
      const parts = contents.flatMap((content, position) => (position === 0 ? [content] : [comma, content]));
      return client.send(Buffer.concat([head, ...parts, tail]));
    },
    close: client.close,
  };
}
