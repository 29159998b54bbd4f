import { isObject } from "#providers/service/json-fields.ts";

/** A binding to the platform's rate limit: https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/ */
interface RateLimitBinding {
  limit(request: { key: string }): Promise<{ success: boolean }>;
}

/** The longer of the two periods that a binding may have, which does not tell its own. */
const LONGEST_PERIOD_MS = 60_000;

/**
 * A rate limiter that the platform counts for, in each of its locations, without a request to a service. It tells neither
 * limit nor what remains.
 *
 * @param windowMs of the binding, as far as it is known
 * @returns `undefined` when what was passed is no such binding
 */
export function createBindingRateLimit(binding: unknown, windowMs = LONGEST_PERIOD_MS) {
  if (!isRateLimitBinding(binding)) return undefined;
  return {
    windowMs,
    async limit(key: string): Promise<{ allowed: boolean }> {
      const { success } = await binding.limit({ key });
      return { allowed: success };
    },
  };
}

function isRateLimitBinding(value: unknown): value is RateLimitBinding {
  return isObject(value) && typeof value.limit === "function";
}
