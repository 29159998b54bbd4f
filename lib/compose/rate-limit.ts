import type { ServicesConfig } from "#config/services.ts";
import type { RateLimiter } from "#http/rate-limit.ts";
import { createService } from "#providers/service.ts";
import { limitedFetch } from "./limited-fetch.ts";

/** Milliseconds that a request waits to be counted, before it goes on uncounted. */
const TIMEOUT_MS = 300;

/** The limiter that is configured, if one is. After some failures in a row it is not asked for a while. */
export async function createRateLimiter(
  { rateLimit, ...server }: NonNullable<ServicesConfig["upstash"]>,
  fetch: typeof globalThis.fetch,
): Promise<RateLimiter | undefined> {
  if (!rateLimit) return undefined;
  const [{ createUpstashRateLimit }, { createUpstashClient }] = await Promise.all([
    import("#providers/upstash-rate-limit.ts"),
    import("#providers/upstash-client.ts"),
  ]);
  const redis = createUpstashClient({ ...server, fetch: limitedFetch(fetch, TIMEOUT_MS) });
  const limiter = createUpstashRateLimit(redis, { ...rateLimit, timeoutMs: TIMEOUT_MS });
  const service = createService({ name: "rate limit" });
  const limits = { timeoutMs: TIMEOUT_MS, share: 1, attempts: 1 };
  return { ...limiter, limit: (key, call) => service(limits, call, () => limiter.limit(key)) };
}
