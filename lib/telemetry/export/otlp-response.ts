import { delayMs } from "#async/retry-after.ts";
import type { ExportResponse } from "./transport.ts";

export interface HttpResponse {
  status: number;
  /** "" when the response was cut off. */
  body: string;
  /** The raw value of a header. */
  header(name: string): string | undefined;
}

/** OTLP specification, "Retryable Response Codes". */
const RETRYABLE = new Set([429, 502, 503, 504]);

/**
 * A wrong key or path, or a request that did not get through: nothing is wrong with the data. The OTLP specification
 * calls these not retryable, and the request is not retried at once; the batch is retained until the endpoint works.
 */
const ENDPOINT_MISCONFIGURED = new Set([401, 403, 404, 407, 408]);

/** What a collector's response means for the batch (OTLP specification, "OTLP/HTTP Response"). */
export function readExportResponse({ status: code, body, header }: HttpResponse, now = Date.now()): ExportResponse {
  if (code >= 200 && code < 300) return { status: "success", rejected: rejectedBy(body) };
  const reason = String(code);
  if (code >= 300 && code < 400) return { status: "retryable", reason };
  if (ENDPOINT_MISCONFIGURED.has(code)) return { status: "retryable", reason };
  if (!RETRYABLE.has(code)) return { status: "failure", reason, endpointHealthy: code < 500 };
  const retryAfterMs = delayMs(header("retry-after"), now);
  return { status: "retryable", reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Items of `partialSuccess`; numbers of 64 bits come as strings (ProtoJSON). The message is not read. */
function rejectedBy(body: string): number {
  try {
    // Most responses have none; letting that throw would cost 0.4 ms per flush.
    const { rejectedSpans, rejectedDataPoints } = JSON.parse(body)?.partialSuccess ?? {};
    return Math.max(0, Math.floor(Number(rejectedSpans ?? rejectedDataPoints ?? 0))) || 0;
  } catch {
    return 0;
  }
}
