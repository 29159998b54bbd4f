import type { Redis } from "@upstash/redis";
import { UpstashRestError } from "./client.ts";

export interface UpstashRatedAnswersOptions {
  /** Prefix of all keys. */
  prefix?: string;
}

/**
 * Which answers were rated, in Upstash Redis, for all functions: one `SET … NX PX` each. After a failure an answer may be
 * remembered although its rating was not counted, and never the other way round; so there must be no second attempt.
 *
 * @throws UpstashRestError
 */
export function createUpstashRatedAnswers(redis: Redis, { prefix = "edge-rag" }: UpstashRatedAnswersOptions = {}) {
  return {
    /** @param ttlMs milliseconds until it is forgotten */
    async add(id: string, ttlMs: number): Promise<boolean> {
      const result: unknown = await redis.set(`${prefix}:rated:v1:${id}`, 1, { nx: true, px: Math.ceil(ttlMs) });
      if (result === "OK") return true;
      if (result === null) return false;
      throw new UpstashRestError("SET failed: it returned neither OK nor null", { code: "malformed_response" });
    },
  };
}
