import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSqliteCache } from "#providers/sqlite/cache.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createUpstashCache } from "#providers/upstash/cache.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import type { EmbeddingCache } from "#rag/ports.ts";
import { startRedisUpstash } from "../support/redis-upstash.ts";

/** Empty storage for caches. */
interface Storage {
  /** Opens another cache over the same entries, as another process would. */
  open(): Promise<EmbeddingCache>;
  remove(): Promise<void>;
}

async function sqliteStorage(): Promise<Storage> {
  const folder = await mkdtemp(join(tmpdir(), "edge-rag-cache-"));
  const databases: Disposable[] = [];
  return {
    async open() {
      const database = await openSqliteDatabase({ path: join(folder, "rag.db"), model: "any", dimensions: 4 });
      databases.push({ [Symbol.dispose]: () => database.close() });
      return createSqliteCache(database);
    },
    async remove() {
      for (const database of databases) database[Symbol.dispose]();
      await rm(folder, { recursive: true });
    },
  };
}

async function redisStorage(): Promise<Storage> {
  const { upstash, stop } = await startRedisUpstash();
  return { open: async () => createUpstashCache(createUpstashClient(upstash)), remove: stop };
}

/** A temporary prefix in a real database: removed after the tests, and in any case expired after ten minutes. */
async function liveStorage(): Promise<Storage> {
  const { UPSTASH_REDIS_REST_URL: url = "", UPSTASH_REDIS_REST_TOKEN: token = "" } = process.env;
  const prefix = `edge-rag-test-${randomUUID()}`;
  const newClient = () => createUpstashClient({ url, token });
  return {
    open: async () => createUpstashCache(newClient(), { prefix, ttlSeconds: 600 }),
    async remove() {
      const redis = newClient();
      let cursor = "0";
      do {
        const [next, keys] = await redis.scan(cursor, { match: `${prefix}:*`, count: 500 });
        if (keys.length > 0) await redis.del(...keys);
        cursor = String(next);
      } while (cursor !== "0");
    },
  };
}

const { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = process.env;
const isLive = Boolean(UPSTASH_REDIS_REST_URL && UPSTASH_REDIS_REST_TOKEN);

contract("SQLite", sqliteStorage);
contract("Upstash's protocol over redis-server", redisStorage);
contract("Upstash, live (UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN)", liveStorage, { skip: !isLive, runs: 5 });

interface ContractOptions {
  skip?: boolean;
  /** Number of runs of each property. */
  runs?: number;
}

const vector = (...values: number[]) => Float32Array.from(values);

/** Distinguishes −0 from 0, and NaNs from each other. */
const bitsOf = (floats: Float32Array = vector()) =>
  Array.from(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));

function contract(
  name: string,
  createStorage: () => Promise<Storage>,
  { skip = false, runs = 60 }: ContractOptions = {},
) {
  describe.skipIf(skip)(`an embedding cache in ${name}`, () => {
    let storage: Storage;
    let cache: EmbeddingCache;
    beforeAll(async () => {
      storage = await createStorage();
      cache = await storage.open();
    });
    afterAll(() => storage?.remove());

    test("returns vectors in the order of the keys, and undefined for missing ones", async () => {
      await cache.setMany([
        ["order-a", vector(1, 2)],
        ["order-b", vector(0.1, -3)],
      ]);
      expect(await cache.getMany(["order-b", "order-x", "order-a", "order-b"])).toEqual([
        vector(0.1, -3),
        undefined,
        vector(1, 2),
        vector(0.1, -3),
      ]);
    });

    test("accepts empty lists", async () => {
      expect(await cache.getMany([])).toEqual([]);
      await cache.setMany([]);
    });

    test("preserves every bit of vectors of any size", async () => {
      await fc.assert(
        fc.asyncProperty(fc.float32Array({ minLength: 1, maxLength: 3_072 }), async (floats) => {
          await cache.setMany([["bits", floats]]);
          const [found] = await cache.getMany(["bits"]);
          expect(bitsOf(found)).toEqual(bitsOf(floats));
        }),
        { numRuns: runs },
      );
    });

    test("accepts any string as key", async () => {
      const unusual = [
        "",
        " ",
        "a b",
        "a\nb",
        "a\r\n$3\r\nb",
        "ä",
        "日本語",
        "🙂",
        "*",
        "a:b",
        "__proto__",
        '"',
        "\\",
        "null",
        "1e3",
      ];
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(fc.oneof(fc.constantFrom(...unusual), fc.string())), async (keys) => {
          const prefixed = keys.map((key) => `any-${key}`);
          await cache.setMany(prefixed.map((key, index) => [key, vector(index)]));
          expect(await cache.getMany(prefixed)).toEqual(prefixed.map((_, index) => vector(index)));
        }),
        { numRuns: runs },
      );
    });

    test("stores a subarray without the rest of its buffer", async () => {
      await cache.setMany([["part", vector(1, 2, 3, 4).subarray(1, 3)]]);
      expect(await cache.getMany(["part"])).toEqual([vector(2, 3)]);
    });

    test("returns the latest vector of a key, also when set twice in one call", async () => {
      await cache.setMany([["newest", vector(1)]]);
      await cache.setMany([
        ["newest", vector(2)],
        ["newest", vector(3, 4)],
      ]);
      expect(await cache.getMany(["newest"])).toEqual([vector(3, 4)]);
    });

    test("stores copies: changes to passed or returned arrays have no effect", async () => {
      const prefixed = vector(1, 2);
      await cache.setMany([["copy", prefixed]]);
      prefixed[0] = 9;
      const [first] = await cache.getMany(["copy"]);
      first?.fill(7);
      expect(await cache.getMany(["copy"])).toEqual([vector(1, 2)]);
    });

    test("reads many keys at once in order", async () => {
      const keys = Array.from({ length: 600 }, (_, index) => `many-${index}`);
      await cache.setMany(keys.map((key, index) => [key, new Float32Array(64).fill(index)]));
      const asked = [...keys, "many-none"].reverse();
      const found = await cache.getMany(asked);
      expect(found).toHaveLength(601);
      expect(found[0]).toBeUndefined();
      expect(found.slice(1).map((floats) => floats?.at(-1))).toEqual(keys.map((_, index) => 599 - index));
    });

    test("is shared by concurrent processes", async () => {
      const caches = await Promise.all([storage.open(), storage.open(), storage.open()]);
      await Promise.all(caches.map((each, index) => each.setMany([[`shared-${index}`, vector(index)]])));
      for (const each of caches) {
        expect(await each.getMany(["shared-0", "shared-1", "shared-2"])).toEqual([vector(0), vector(1), vector(2)]);
      }
    });
  });
}
