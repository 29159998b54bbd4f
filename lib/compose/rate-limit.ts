import type { ServicesConfig } from "#config/services.ts";
import type { App } from "#http/context.ts";
import { limitRate, type RateLimitOptions } from "#http/middleware/rate-limit.ts";

/** The Redis that requests are counted in. */
export interface RateLimitSource extends Pick<RateLimitOptions, "onError"> {
  upstash: NonNullable<ServicesConfig["upstash"]>;
  fetch: typeof globalThis.fetch;
}

/** Adds the rate limit to the app, if one is configured: for functions whose requests cost something. */
export async function addRateLimit(app: App, source: RateLimitSource | undefined): Promise<void> {
  const limit = source?.upstash.rateLimit;
  if (!source || !limit) return;
  const { createRateLimiter } = await import("./rate-limiter.ts");
  const limiter = createRateLimiter({ ...source.upstash, fetch: source.fetch }, limit);
  app.use(limitRate({ limiter, onError: source.onError }));
}
