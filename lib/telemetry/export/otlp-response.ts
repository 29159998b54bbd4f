import { delayMs } from "#async/retry-after.ts";
import { parseJson } from "./encoding.ts";
import type { ExportResponse } from "./transport.ts";

export interface HttpResponse {
  status: number;
  /** "" when the response was cut off. */
  body: string;
  /** The body as it came; needed only for Protobuf. */
  bytes?: Uint8Array;
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

/** A sentence, not a page. */
const MAX_MESSAGE_LENGTH = 200;

/**
 * What a collector's response means for the batch (OTLP specification, "OTLP/HTTP Response").
 *
 * @param deserialize reads the body of a success response; may throw
 */
export function readExportResponse(
  { status: code, body, bytes, header }: HttpResponse,
  now = Date.now(),
  deserialize = parseJson,
): ExportResponse {
  if (code >= 200 && code < 300) return readSuccess(bytes ?? Buffer.from(body), deserialize);
  const reason = String(code);
  const said = quoted(body);
  if (code >= 300 && code < 400) return { status: "retryable", reason };
  if (ENDPOINT_MISCONFIGURED.has(code)) return { status: "retryable", reason, ...said };
  if (!RETRYABLE.has(code)) return { status: "failure", reason, endpointHealthy: code < 500, ...said };
  const retryAfterMs = delayMs(header("retry-after"), now);
  return { status: "retryable", reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Items of `partialSuccess`, and its message; numbers of 64 bits come as strings (ProtoJSON). */
function readSuccess(body: Uint8Array, deserialize: (body: Uint8Array) => unknown): ExportResponse {
  try {
    const response = deserialize(body) as { partialSuccess?: Record<string, unknown> } | null;
    // Most responses have none; letting that throw would cost 0.4 ms per flush.
    const { rejectedSpans, rejectedDataPoints, errorMessage } = response?.partialSuccess ?? {};
    const rejected = Math.max(0, Math.floor(Number(rejectedSpans ?? rejectedDataPoints ?? 0))) || 0;
    const said = rejected > 0 && typeof errorMessage === "string" ? quoted(errorMessage) : {};
    return { status: "success", rejected, ...said };
  } catch {
    return { status: "success", rejected: 0 };
  }
}

/** The start of a message, without what a terminal would interpret; of a Protobuf `Status`, its text. */
function quoted(text: string): { message?: string } {
  const message = text
    .replace(/[^\x21-\x7e]+/g, " ")
    .trim()
    .slice(0, MAX_MESSAGE_LENGTH);
  return /\w{3}/.test(message) ? { message } : {};
}
