import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis";
import { UpstashRestError } from "./client.ts";
import { withKeyLockingFallback } from "./scripts.ts";

export interface UpstashRateLimitOptions {
  /** Per window and key. */
  requests: number;
  windowMs: number;
  /** Prefix of all keys. */
  prefix?: string;
}

/**
 * A sliding window per key in Upstash Redis, shared by all functions: counts the requests of the current window, and of
 * the previous one in proportion to its overlap. Rejected requests do not count, and this process keeps rejecting the
 * key without asking Redis until the window ends. Uses this process's clock.
 *
 * @throws UpstashRestError
 */
export function createUpstashRateLimit(
  redis: Redis,
  { requests, windowMs, prefix = "edge-rag:rate" }: UpstashRateLimitOptions,
) {
  const limiter = new Ratelimit({
    redis: { get: redis.get, set: redis.set, ...withKeyLockingFallback(redis) },
    limiter: Ratelimit.slidingWindow(requests, `${windowMs} ms`),
    prefix,
    timeout: 0, // none: after a timeout the limiter would allow the request
    analytics: false,
  });

  return {
    windowMs,
    async limit(key: string) {
      const { success, limit, remaining, reset } = await limiter.limit(key);
      if (![limit, remaining, reset].every(Number.isFinite)) {
        throw new UpstashRestError("counting a request failed: the script did not return numbers", {
          code: "malformed_response",
        });
      }
      return { allowed: success, limit, remaining, resetMs: reset - Date.now() };
    },
  };
}
