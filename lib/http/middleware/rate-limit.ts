import type { MiddlewareHandler } from "hono";
import { type AppEnv, routeOf } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";
import type { Call } from "#rag/ports.ts";

/** A caller's quota after the request that was counted. */
export interface Quota {
  allowed: boolean;
  /** Requests per window. */
  limit: number;
  remaining: number;
  /** Milliseconds until more requests are allowed. */
  resetMs: number;
}

/** What is known of the quota when the limiter tells no more. */
export type Verdict = Pick<Quota, "allowed">;

export interface RateLimiter {
  /** Milliseconds. */
  readonly windowMs: number;
  /** Counts one request of the key. Rejects when it could not be counted. */
  limit(key: string, call?: Call): Promise<Quota | Verdict>;
}

export interface RateLimitOptions {
  limiter: RateLimiter;
  /** Called when a request could not be counted; it is then allowed. */
  onError(error: unknown): void;
}

/** The key under which all requests are counted when there are no API keys. */
const ANONYMOUS = "anonymous";

/**
 * Responds with 429 to requests over the limit of their API key. Guards the routes that are added after it, except GET
 * and HEAD, which cost nothing. Fails open: when the limiter fails, requests are allowed.
 *
 * Each counted response has the quota, if the limiter tells it, in `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds), as in
 * draft-ietf-httpapi-ratelimit-headers-06 and before, and in the two fields that replaced them
 * (https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10): `RateLimit-Policy` and `RateLimit`.
 *
 * A 429 has no stage: `rag_query_errors_total` counts invalid questions and failed stages, and this is neither.
 * `http.server.request.duration` has it, by status.
 */
export function limitRate({ limiter, onError }: RateLimitOptions): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD" || routeOf(c) === "") return next();
    const started = performance.now();
    const quota = await limiter.limit(c.get("caller")?.keyId ?? ANONYMOUS, c.get("call")).catch((error: unknown) => {
      onError(error);
      return undefined;
    });
    c.set("stages", { ...c.get("stages"), rate_limit: performance.now() - started });
    if (!quota) return next();

    const windowSeconds = limiter.windowMs / 1000;
    if (!("limit" in quota)) {
      if (!quota.allowed) throw overLimit("Too many requests.", windowSeconds);
      return next();
    }
    const seconds = secondsUntil(quota.resetMs);
    c.set("headers", { ...c.get("headers"), ...fieldsOf(quota, seconds, windowSeconds) });
    if (!quota.allowed) throw overLimit(`More than ${quota.limit} requests in ${windowSeconds} s.`, seconds);
    return next();
  };
}

function overLimit(reason: string, seconds: number): RequestError {
  const headers = { "retry-after": String(seconds) };
  return new RequestError(429, `${reason} Try again in ${seconds} s.`, { headers });
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

/** Whole seconds, at least 1, rounded up so that a retry after them never comes too early. */
function secondsUntil(resetMs: number): number {
  return Math.floor(Math.max(0, resetMs) / 1000) + 1;
}
