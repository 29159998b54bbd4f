import { delayMs } from "#async/retry-after.ts";
import type { ExportResponse } from "./transport.ts";

export interface HttpResponse {
  status: number;
  /** "" where it was cut off. */
  body: string;
  /** The value of a header as it came. */
  header(name: string): string | undefined;
}

/** Try again later (OTLP specification, "Retryable Response Codes"). */
const RETRYABLE = new Set([429, 502, 503, 504]);

/**
 * These speak of the way in, not of the data: a wrong key or path, a request that did not come through. The OTLP
 * specification does not want the request repeated at once, and it is not; the batch is kept until the way is open.
 */
const NO_WAY_IN = new Set([401, 403, 404, 407, 408]);

/** What a collector's answer means for the batch (OTLP specification, "OTLP/HTTP Response"). */
export function readExportResponse({ status, body, header }: HttpResponse, now = Date.now()): ExportResponse {
  if (status >= 200 && status < 300) return { outcome: "accepted", rejected: rejectedBy(body) };
  const reason = String(status);
  if (status >= 300 && status < 400) return { outcome: "unavailable", reason };
  if (NO_WAY_IN.has(status)) return { outcome: "unavailable", reason };
  if (!RETRYABLE.has(status)) return { outcome: "refused", reason, healthy: status < 500 };
  const retryAfterMs = delayMs(header("retry-after"), now);
  return { outcome: "unavailable", reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Items of `partialSuccess`; numbers of 64 bits come as strings (ProtoJSON). The message is left unread. */
function rejectedBy(body: string): number {
  try {
    // Most answers have none; to let that throw would cost 0.4 ms of every flush.
    const { rejectedSpans, rejectedDataPoints } = JSON.parse(body)?.partialSuccess ?? {};
    return Math.max(0, Math.floor(Number(rejectedSpans ?? rejectedDataPoints ?? 0))) || 0;
  } catch {
    return 0;
  }
}
