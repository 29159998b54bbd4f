import { connectRedis, type RedisConnection } from "./redis-connection.ts";
import { startRedisServer } from "./redis-server.ts";
import { startUpstashServer, type UpstashServer } from "./upstash-server.ts";

export interface RedisUpstash {
  front: UpstashServer;
  /** Past the front, to look behind it. */
  redis: RedisConnection;
  stop(): Promise<void>;
}

/** Upstash's REST protocol in front of a real redis-server of its own. */
export async function startRedisUpstash(): Promise<RedisUpstash> {
  const server = await startRedisServer();
  const redis = await connectRedis(server.socketPath);
  const front = await startUpstashServer(redis.send);
  return {
    front,
    redis,
    async stop() {
      front.close();
      redis.close();
      await server.stop();
    },
  };
}
