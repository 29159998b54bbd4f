import { connectRedis, type RedisConnection } from "./redis-connection.ts";
import { startRedisServer } from "./redis-server.ts";
import { startUpstashServer, type UpstashServer } from "./upstash-server.ts";

export interface RedisUpstash {
  upstash: UpstashServer;
  /** A direct connection to the redis-server. */
  redis: RedisConnection;
  stop(): Promise<void>;
}

/** A fake Upstash server backed by a new, real redis-server. */
export async function startRedisUpstash(): Promise<RedisUpstash> {
  const server = await startRedisServer();
  const redis = await connectRedis(server.socketPath);
  const upstash = await startUpstashServer(redis.send);
  return {
    upstash,
    redis,
    async stop() {
      upstash.close();
      redis.close();
      await server.stop();
    },
  };
}
