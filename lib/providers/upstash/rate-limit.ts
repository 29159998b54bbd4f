import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis";
import { UpstashRestError } from "./client.ts";
import { keyLockingWhereKnown } from "./scripts.ts";

export interface UpstashRateLimitOptions {
  /** Per window and key. */
  requests: number;
  windowMs: number;
  /** What all its keys begin with. */
  prefix?: string;
}

/**
 * A sliding window per key in Upstash Redis, shared by all functions: the requests of this window and, by the part of it
 * that is still within reach, of the one before. What is refused does not count, and is refused again by this process
 * alone until its window ends. The clock is this process'.
 *
 * @throws UpstashRestError
 */
export function createUpstashRateLimit(
  redis: Redis,
  { requests, windowMs, prefix = "edge-rag:rate" }: UpstashRateLimitOptions,
) {
  const limiter = new Ratelimit({
    redis: { get: redis.get, set: redis.set, ...keyLockingWhereKnown(redis) },
    limiter: Ratelimit.slidingWindow(requests, `${windowMs} ms`),
    prefix,
    timeout: 0, // none: past its time it would say that the request is allowed
    analytics: false,
  });

  return {
    windowMs,
    async limit(key: string) {
      const { success, limit, remaining, reset } = await limiter.limit(key);
      if (![limit, remaining, reset].every(Number.isFinite)) {
        throw new UpstashRestError("counting a request failed: the script did not answer with numbers", {
          code: "malformed_response",
        });
      }
      return { allowed: success, limit, remaining, resetMs: reset - Date.now() };
    },
  };
}
