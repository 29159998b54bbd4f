import type { RateLimiter } from "#http/middleware/rate-limit.ts";
import { restrictToHost } from "#providers/service/restrict-to-host.ts";
import { createService } from "#providers/service/service.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import { createUpstashRateLimit, type UpstashRateLimitOptions } from "#providers/upstash/rate-limit.ts";
import { LIMITS } from "./limits.ts";

/** A rate limiter that counts in Upstash Redis, behind a circuit breaker. */
export function createRateLimiter(
  { url, token, fetch }: { url: string; token: string; fetch: typeof globalThis.fetch },
  options: UpstashRateLimitOptions,
): RateLimiter {
  const { timeoutMs } = LIMITS.rate;
  const limiter = createUpstashRateLimit(
    createUpstashClient({ url, token, fetch: restrictToHost(url, fetch), timeoutMs }),
    options,
  );
  const service = createService({ name: "rate_limit" });
  return { ...limiter, limit: (key, call) => service(LIMITS.rate, call, () => limiter.limit(key)) };
}
