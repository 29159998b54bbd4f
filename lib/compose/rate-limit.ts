import type { ServicesConfig } from "#config/services.ts";
import type { RateLimiter } from "#http/rate-limit.ts";
import { onlyTo } from "#providers/outbound.ts";
import { createService } from "#providers/service.ts";
import { LIMITS } from "./hosted-limits.ts";

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
  const redis = createUpstashClient({ ...server, fetch: onlyTo(server.url, fetch), timeoutMs: LIMITS.rate.timeoutMs });
  const limiter = createUpstashRateLimit(redis, rateLimit);
  const service = createService({ name: "rate_limit" });
  return { ...limiter, limit: (key, call) => service(LIMITS.rate, call, () => limiter.limit(key)) };
}
