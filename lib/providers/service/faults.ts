import type { ServiceError } from "./service-error.ts";

/** Try again later, or another way in (RFC 9110, 15.5 and 15.6; RFC 6585, 4). */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529]);
/** Refusals that look like passing ones and last: nothing is left of what was paid for. */
const SPENT = new Set(["insufficient_quota", "max_requests_limit"]);
const BROKEN_OFF = new Set(["timeout", "malformed_json", "malformed_response", "cut_stream", "error_in_stream"]);

/** Whether the same call may succeed a little later. */
export function isRetryable({ status, code = "", cause }: ServiceError): boolean {
  if (SPENT.has(code)) return false;
  if (status !== undefined) return PASSING.has(status);
  return BROKEN_OFF.has(code) || (code === "" && cause !== undefined);
}

/** Whether the service is of no use, though it answers and will not answer otherwise. */
export function isUnusable({ code = "" }: ServiceError): boolean {
  return code === "unexpected_answer" || SPENT.has(code);
}

const NOT_REACHED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "connect_timeout"]);

/** Whether the service cannot have begun to work on it: it said so, or was not reached. */
export function isUnstarted(error: ServiceError): boolean {
  if (error.status === 429 || error.status === 503) return true;
  for (let link: unknown = error.cause; link instanceof Error; link = link.cause) {
    if ("code" in link && NOT_REACHED.has(String(link.code))) return true;
  }
  return false;
}
