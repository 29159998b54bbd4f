import { cors } from "hono/cors";

/** Seconds for which a browser may cache the response to a preflight. */
const MAX_AGE_S = 600;

/** The rate limit fields of earlier drafts. */
const OLD_RATE_LIMIT = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];

/**
 * CORS for pages of these origins; `*` is any. Credentials are not allowed, so browsers send no cookies: a page needs an
 * API key.
 */
export function allowOrigins(origins: readonly string[]) {
  return cors({
    origin: origins.includes("*") ? "*" : [...origins],
    allowMethods: ["GET", "POST", "DELETE"],
    // Those that the preflight names: clients send headers of their own, such as OpenAI's x-stainless-os.
    allowHeaders: [],
    exposeHeaders: [
      "server-timing",
      "retry-after",
      "ratelimit",
      "ratelimit-policy",
      ...OLD_RATE_LIMIT,
      "www-authenticate",
      "x-request-id",
    ],
    maxAge: MAX_AGE_S,
  });
}
