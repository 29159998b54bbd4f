import type { ServicesConfig } from "#config/services.ts";
import type { App } from "#http/context.ts";
import { limitRate, type RateLimitOptions } from "#http/middleware/rate-limit.ts";

/** Where requests are counted. */
export interface RateLimitSource extends Pick<RateLimitOptions, "onError"> {
  upstash: NonNullable<ServicesConfig["upstash"]>;
  fetch: typeof globalThis.fetch;
}

/** Has requests counted and refused, if that is configured: for functions that do something that costs. */
export async function limitRequests(app: App, source: RateLimitSource | undefined): Promise<App> {
  const limit = source?.upstash.rateLimit;
  if (!source || !limit) return app;
  const { createRateLimiter } = await import("./rate-limiter.ts");
  const limiter = createRateLimiter({ ...source.upstash, fetch: source.fetch }, limit);
  return limitRate(app, { limiter, onError: source.onError });
}
