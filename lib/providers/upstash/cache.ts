import type { Redis } from "@upstash/redis";
import { batchesOf } from "#async/batches.ts";
import type { EmbeddingCache } from "#rag/ports.ts";
import { commandError, UpstashRestError } from "./client.ts";

export interface UpstashCacheOptions {
  /** Prefix of all keys. Deployments may share a database with different prefixes. */
  prefix?: string;
  /** Seconds from its last write until a vector expires. */
  ttlSeconds?: number;
}

/** Storage format, part of every key: values in another format are never read, and expire. */
const FORMAT = "v1";

const THIRTY_DAYS = 30 * 24 * 60 * 60;

/**
 * Keys per request: 4.2 MB of vectors of 3,072 dimensions. Upstash rejects requests and responses over 10 MB
 * (https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded).
 */
const BATCH = 256;

/**
 * An embedding cache in Upstash Redis, shared by all functions. A vector is a JSON string: its float32 values,
 * little-endian, in base64, 8 KB for 1,536 dimensions. A read is one MGET; a write is one pipeline of SETs, some of which
 * may fail. An invalid value is a cache miss.
 *
 * @throws UpstashRestError
 */
export function createUpstashCache(
  redis: Redis,
  { prefix = "edge-rag", ttlSeconds = THIRTY_DAYS }: UpstashCacheOptions = {},
): EmbeddingCache {
  const nameOf = (key: string): string => `${prefix}:embedding:${FORMAT}:${key}`;

  return {
    async getMany(keys) {
      const vectors: (Float32Array | undefined)[] = [];
      for (const batch of batchesOf(keys, BATCH)) {
        const values: unknown = await redis.mget(...batch.map(nameOf));
        if (!Array.isArray(values) || values.length !== batch.length) {
          throw new UpstashRestError(`MGET failed: it did not return ${batch.length} values`, {
            code: "malformed_response",
          });
        }
        vectors.push(...values.map(unpack));
      }
      return vectors;
    },

    async setMany(entries) {
      for (const batch of batchesOf(entries, BATCH)) {
        const pipeline = redis.pipeline();
        for (const [key, vector] of batch) pipeline.set(nameOf(key), pack(vector), { ex: ttlSeconds });
        const results = await pipeline.exec({ keepErrors: true });
        const failed = results.find(({ error }) => error !== undefined);
        if (failed?.error !== undefined) throw commandError("SET", failed.error);
      }
    },
  };
}

/** In quotes, because the client parses what it reads as JSON, and would otherwise throw and catch an error for each vector. */
function pack(vector: Float32Array): string {
  return `"${Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64")}"`;
}

/** Also of a vector that was written without quotes, as earlier versions did. */
function unpack(value: unknown): Float32Array | undefined {
  if (typeof value !== "string") return undefined;
  const bytes = Buffer.from(value, "base64");
  const isVector = bytes.length > 0 && bytes.length % Float32Array.BYTES_PER_ELEMENT === 0;
  // Buffer ignores characters that are not base64.
  if (!isVector || bytes.toString("base64") !== value) return undefined;
  return new Float32Array(new Uint8Array(bytes).buffer); // a copy: a Buffer's offset in its pool may not be aligned
}
