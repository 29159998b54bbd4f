import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { type Encoding, JSON_METRICS, JSON_SPANS } from "./encoding.ts";
import { createOtlpFetchClient } from "./otlp-fetch.ts";
import { createOtlpHttpClient, type OtlpEndpoint } from "./otlp-http.ts";
import type { Transport } from "./transport.ts";

/** Queued batches share requests: a backlog is sent in a few of them. */
const MAX_REQUEST_BYTES = 512 * 1_024;

/** @param fetch sends the requests, in place of connections of our own */
export function otlpSpanTransport(
  endpoint: OtlpEndpoint,
  encoding = JSON_SPANS,
  fetch?: typeof globalThis.fetch,
): Transport<ReadableSpan[], Uint8Array> {
  return otlpTransport(endpoint, encoding, fetch);
}

/** @param fetch sends the requests, in place of connections of our own */
export function otlpMetricTransport(
  endpoint: OtlpEndpoint,
  encoding = JSON_METRICS,
  fetch?: typeof globalThis.fetch,
): Transport<ResourceMetrics, Uint8Array> {
  return otlpTransport(endpoint, encoding, fetch);
}

/** Queues the content of requests, without what surrounds it: batches may share a request. */
function otlpTransport<Batch>(
  endpoint: OtlpEndpoint,
  encoding: Encoding<Batch>,
  fetch: typeof globalThis.fetch | undefined,
): Transport<Batch, Uint8Array> {
  const client = fetch ? createOtlpFetchClient(endpoint, fetch, encoding) : createOtlpHttpClient(endpoint, encoding);
  const { head, separator, tail } = encoding.frame;
  return {
    maxRequestBytes: MAX_REQUEST_BYTES,
    serialize(batch) {
      const { buffer, byteOffset, length } = encoding.serialize(batch) ?? new Uint8Array();
      const request = Buffer.from(buffer, byteOffset, length);
      const end = length - tail.length;
      if (length === 0 || !request.subarray(0, head.length).equals(head) || !request.subarray(end).equals(tail)) {
        throw new Error(`not a request of ${encoding.type}`);
      }
      const content = request.subarray(head.length, end);
      return { content, bytes: content.length };
    },
    send(contents) {
      const parts = contents.flatMap((content, position) => (position === 0 ? [content] : [separator, content]));
      return client.send(Buffer.concat([head, ...parts, tail]));
    },
    close: client.close,
  };
}
