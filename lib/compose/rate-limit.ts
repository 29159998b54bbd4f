import type { ServicesConfig } from "#config/services.ts";
import type { App } from "#http/context.ts";
import { limitRate, type RateLimiter, type RateLimitOptions } from "#http/middleware/rate-limit.ts";

/** What counts requests: the platform, or else Redis. */
export interface RateLimitSource extends Pick<RateLimitOptions, "onError"> {
  /** Of the platform. */
  limiter?: RateLimiter | undefined;
  upstash?: ServicesConfig["upstash"];
  /** Sends the requests to Redis. */
  fetch: typeof globalThis.fetch;
}

/** Adds the rate limit to the app, if one is configured: for functions whose requests cost something. */
export async function addRateLimit(app: App, { limiter, upstash, fetch, onError }: RateLimitSource): Promise<void> {
  if (limiter) app.use(limitRate({ limiter, onError }));
  else if (upstash?.rateLimit) {
    const { createRateLimiter } = await import("./rate-limiter.ts");
    app.use(limitRate({ limiter: createRateLimiter({ ...upstash, fetch }, upstash.rateLimit), onError }));
  }
}
