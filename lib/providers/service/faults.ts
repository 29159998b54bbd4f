import type { ServiceError } from "./service-error.ts";

/** Statuses that a later or another request may not get (RFC 9110, 15.5 and 15.6; RFC 6585, 4). */
const TRANSIENT_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529]);
/** Codes of a used-up quota. They come with a transient status such as 429, and a retry does not help. */
const QUOTA_CODES = new Set(["insufficient_quota", "max_requests_limit"]);
const INTERRUPTED_CODES = new Set(["timeout", "malformed_json", "malformed_response", "cut_stream", "error_in_stream"]);
const UNREACHABLE_CODES = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "connect_timeout"]);

/** Whether the same call may succeed a little later. */
export function isRetryable({ status, code = "", cause }: ServiceError): boolean {
  if (QUOTA_CODES.has(code)) return false;
  if (status !== undefined) return TRANSIENT_STATUSES.has(status);
  return INTERRUPTED_CODES.has(code) || (code === "" && cause !== undefined);
}

/** Whether the service responds, but every call will fail: out of quota, or another protocol than expected. */
export function isUnusable({ code = "" }: ServiceError): boolean {
  return code === "unexpected_answer" || QUOTA_CODES.has(code);
}

/** Whether the service cannot have started to process the request: it refused it, or was unreachable. */
export function isUnstarted(error: ServiceError): boolean {
  if (error.status === 429 || error.status === 503) return true;
  for (let link: unknown = error.cause; link instanceof Error; link = link.cause) {
    if ("code" in link && UNREACHABLE_CODES.has(String(link.code))) return true;
  }
  return false;
}
