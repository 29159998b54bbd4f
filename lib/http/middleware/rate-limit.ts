import { type App, routeOf } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";
import type { Call } from "#rag/ports.ts";

/** What is left to a caller after the request that was asked about. */
export interface Quota {
  allowed: boolean;
  /** Requests per window. */
  limit: number;
  remaining: number;
  /** Milliseconds until some of them may be made again. */
  resetMs: number;
}

export interface RateLimiter {
  /** Milliseconds. */
  readonly windowMs: number;
  /** Counts one request of the key. Rejects when it cannot tell. */
  limit(key: string, call?: Call): Promise<Quota>;
}

export interface RateLimitOptions {
  limiter: RateLimiter;
  /** Hears why a request could not be counted; it then goes on uncounted. */
  onError(error: unknown): void;
}

/** Whose requests are counted together where no key tells callers apart. */
const ANYONE = "anonymous";

/**
 * Refuses with 429 what a caller asks for beyond its limit, each API key by itself. To be added before the routes it is to
 * guard: all but GET and HEAD, which cost nothing. A limiter that fails lets all pass.
 *
 * Each counted response says what is left in `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds), which clients know
 * from draft-ietf-httpapi-ratelimit-headers-06 and before, and in the two fields that have taken their place since
 * (https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10): `RateLimit-Policy` and `RateLimit`.
 *
 * A refusal has no stage: `rag_query_errors_total` counts what is wrong with questions and stages, and this is neither.
 * `http.server.request.duration` has it, by status.
 */
export function limitRate(app: App, { limiter, onError }: RateLimitOptions): App {
  app.use(async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD" || routeOf(c) === "") return next();
    const started = performance.now();
    const quota = await limiter.limit(c.get("caller")?.keyId ?? ANYONE, c.get("call")).catch((error: unknown) => {
      onError(error);
      return undefined;
    });
    c.set("stages", { ...c.get("stages"), rate_limit: performance.now() - started });
    if (!quota) return next();

    const seconds = secondsUntil(quota.resetMs);
    c.set("headers", { ...c.get("headers"), ...fieldsOf(quota, seconds, limiter.windowMs / 1000) });
    if (!quota.allowed) {
      const detail = `More than ${quota.limit} requests in ${limiter.windowMs / 1000} s. Try again in ${seconds} s.`;
      throw new RequestError(429, detail, { headers: { "retry-after": String(seconds) } });
    }
    return next();
  });
  return app;
}

function fieldsOf({ limit, remaining }: Quota, seconds: number, windowSeconds: number): Record<string, string> {
  return {
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(seconds),
    "ratelimit-policy": `"default";q=${limit};w=${windowSeconds}`,
    ratelimit: `"default";r=${remaining};t=${seconds}`,
  };
}

/** Whole seconds, at least 1, after which the time is over and not just about to be. */
function secondsUntil(resetMs: number): number {
  return Math.floor(Math.max(0, resetMs) / 1000) + 1;
}
