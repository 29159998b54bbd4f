import { cors } from "hono/cors";

/** Seconds a browser may remember the answer to a preflight. */
const MAX_AGE_S = 600;

/** What is left to a caller, for clients of earlier drafts. */
const OLD_RATE_LIMIT = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];

/**
 * Lets pages of these origins call from a browser, `*` being any. No cookies are asked for, so none are sent: a page has
 * to have a key.
 */
export function allowOrigins(origins: readonly string[]) {
  return cors({
    origin: origins.includes("*") ? "*" : [...origins],
    allowMethods: ["GET", "POST", "DELETE"],
    allowHeaders: ["authorization", "content-type", "traceparent", "tracestate", "x-api-key"],
    exposeHeaders: [
      "server-timing",
      "retry-after",
      "ratelimit",
      "ratelimit-policy",
      ...OLD_RATE_LIMIT,
      "www-authenticate",
    ],
    maxAge: MAX_AGE_S,
  });
}
