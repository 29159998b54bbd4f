import type { ServicesConfig } from "#config/services.ts";
import type { App } from "#http/app.ts";
import { limitRate, type RateLimiter, type RateLimitOptions } from "#http/rate-limit.ts";
import { onlyTo } from "#providers/outbound.ts";
import { createService } from "#providers/service.ts";
import { LIMITS } from "./hosted-limits.ts";

/** Where requests are counted. */
export interface RateLimitSource extends Pick<RateLimitOptions, "onError"> {
  upstash: NonNullable<ServicesConfig["upstash"]>;
  fetch: typeof globalThis.fetch;
}

/** Has requests counted and refused, if that is configured: for functions that do something that costs. */
export async function limitRequests(app: App, source: RateLimitSource | undefined): Promise<App> {
  const limiter = source && (await createRateLimiter(source));
  return limiter ? limitRate(app, { limiter, onError: source.onError }) : app;
}

/** The limiter that is configured, if one is. After some failures in a row it is not asked for a while. */
export async function createRateLimiter(source: RateLimitSource): Promise<RateLimiter | undefined> {
  const { rateLimit, ...server } = source.upstash;
  if (!rateLimit) return undefined;
  const [{ createUpstashRateLimit }, { createUpstashClient }] = await Promise.all([
    import("#providers/upstash-rate-limit.ts"),
    import("#providers/upstash-client.ts"),
  ]);
  const fetch = onlyTo(server.url, source.fetch);
  const redis = createUpstashClient({ ...server, fetch, timeoutMs: LIMITS.rate.timeoutMs });
  const limiter = createUpstashRateLimit(redis, rateLimit);
  const service = createService({ name: "rate_limit" });
  return { ...limiter, limit: (key, call) => service(LIMITS.rate, call, () => limiter.limit(key)) };
}
