import { onTestFinished } from "vitest";
import { createUpstashCache } from "#providers/upstash/cache.ts";
import { createUpstashClient, type UpstashOptions } from "#providers/upstash/client.ts";
import { memoryRedis } from "../../support/memory-redis.ts";
import { startUpstashServer } from "../../support/upstash-server.ts";

export const TOKEN = "canary-token-0123456789";

/** A fake Upstash server with an in-memory database, running until the end of the test; a client of it and a cache. */
export async function upstash(options: Partial<UpstashOptions> = {}) {
  const memory = memoryRedis();
  const server = await startUpstashServer(memory.run, TOKEN);
  onTestFinished(server.close);
  const redis = createUpstashClient({ url: server.url, token: TOKEN, ...options });
  return { values: memory.values, server, redis, cache: createUpstashCache(redis) };
}
