import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createUpstashCache } from "#providers/upstash/cache.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import { type RedisUpstash, startRedisUpstash } from "../support/redis-upstash.ts";

let server: RedisUpstash;
beforeAll(async () => {
  server = await startRedisUpstash();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  await server.redis.send([["FLUSHALL"]]);
  server.upstash.requests.length = 0;
});

const vector = (...values: number[]) => Float32Array.from(values);
const newCache = (options = {}) => createUpstashCache(createUpstashClient(server.upstash), options);
const keysInRedis = async () => (await server.redis.send([["KEYS", "*"]])).flat().map(String).sort();

test("vectors expire after ttlSeconds", async () => {
  await newCache().setMany([["a", vector(1)]]);
  await newCache({ ttlSeconds: 1, prefix: "short" }).setMany([["a", vector(1)]]);
  const [long, short] = await server.redis.send([
    ["TTL", "edge-rag:embedding:v1:a"],
    ["PTTL", "short:embedding:v1:a"],
  ]);
  expect(long).toBe(30 * 24 * 60 * 60);
  expect(short).toBeLessThanOrEqual(1_000);
  expect(await newCache({ prefix: "short" }).getMany(["a"])).toEqual([vector(1)]);
  await delay(1_100);
  expect(await newCache({ prefix: "short" }).getMany(["a"])).toEqual([undefined]);
});

test("setting a vector again renews its expiry, reading it does not", async () => {
  const cache = newCache({ ttlSeconds: 100 });
  await cache.setMany([["a", vector(1)]]);
  await server.redis.send([["EXPIRE", "edge-rag:embedding:v1:a", "50"]]);
  await cache.getMany(["a"]);
  expect(await server.redis.send([["TTL", "edge-rag:embedding:v1:a"]])).toEqual([50]);
  await cache.setMany([["a", vector(1)]]);
  expect(await server.redis.send([["TTL", "edge-rag:embedding:v1:a"]])).toEqual([100]);
});

test("two prefixes in one database share no entries", async () => {
  await newCache({ prefix: "one" }).setMany([["a", vector(1)]]);
  await newCache({ prefix: "two" }).setMany([["a", vector(2)]]);
  expect(await newCache({ prefix: "one" }).getMany(["a"])).toEqual([vector(1)]);
  expect(await keysInRedis()).toEqual(["one:embedding:v1:a", "two:embedding:v1:a"]);
});

test("an invalid value is a miss and replaced by the next write", async () => {
  const invalid = {
    text: ["SET", "not a vector"],
    number: ["SET", "12345678"],
    empty: ["SET", ""],
    half: ["SET", Buffer.alloc(6).toString("base64")],
    corrupt: ["SET", `!${Buffer.alloc(8).toString("base64")}`],
    json: ["SET", "[1,2,3]"],
    list: ["RPUSH", "x"],
    hash: ["HSET", "field", "x"],
  };
  const keys = Object.keys(invalid);
  await server.redis.send(
    Object.entries(invalid).map(([key, [name = "", ...values]]) => [name, `edge-rag:embedding:v1:${key}`, ...values]),
  );
  const cache = newCache();
  expect(await cache.getMany(keys)).toEqual(keys.map(() => undefined));
  await cache.setMany(keys.map((key) => [key, vector(1)]));
  expect(await cache.getMany(keys)).toEqual(keys.map(() => vector(1)));
});

test("a full database rejects writes with Redis's error code, and reads still work", async () => {
  const cache = newCache();
  await cache.setMany([["a", vector(1)]]);
  await server.redis.send([["CONFIG", "SET", "maxmemory", "1"]]);
  try {
    await expect(cache.setMany([["b", vector(2)]])).rejects.toMatchObject({ name: "UpstashRestError", code: "OOM" });
    expect(await cache.getMany(["a", "b"])).toEqual([vector(1), undefined]);
  } finally {
    await server.redis.send([["CONFIG", "SET", "maxmemory", "0"]]);
  }
});

test("our client and @upstash/redis, with base64 and automatic pipelines, read each other's values", async () => {
  const [ours, theirs] = [createUpstashClient(server.upstash), new Redis({ ...server.upstash, retry: false })];
  await theirs.set("theirs", "日本語 🙂 OK");
  await ours.set("ours", { nested: ["ä", 1, null] });
  expect(await ours.get("theirs")).toBe("日本語 🙂 OK");
  expect(await theirs.get("ours")).toEqual({ nested: ["ä", 1, null] });
  expect(await ours.mget("ours", "none")).toEqual(await theirs.mget("ours", "none"));
  const theirRequests = server.upstash.requests.filter(({ headers }) => headers["upstash-encoding"] === "base64");
  expect(theirRequests.map(({ path }) => path)).toEqual(["/pipeline", "/pipeline", "/pipeline"]);
  const ourRequests = server.upstash.requests.filter((request) => !theirRequests.includes(request));
  expect(ourRequests.map(({ path }) => path)).toEqual(["/", "/", "/"]);
});

test.each([
  ["ours", () => createUpstashClient(server.upstash)],
  ["@upstash/redis", () => new Redis({ ...server.upstash, retry: false })],
])("%s: a pipeline fails per command, a transaction with an invalid command fails completely", async (_, make) => {
  const redis = make();
  const pipeline = redis.pipeline().set("text", "a").incr("text").set("after", "b");
  expect(await pipeline.exec({ keepErrors: true })).toEqual([
    { result: "OK", error: undefined },
    { result: undefined, error: "ERR value is not an integer or out of range" },
    { result: "OK", error: undefined },
  ]);
  await expect(redis.pipeline().incr("text").exec()).rejects.toThrow("Command 1 [ incr ] failed: ERR value is not an");

  expect(await redis.multi().incr("number").incrby("number", 4).get("number").exec()).toEqual([1, 5, 5]);
  const discarded = redis.multi().set("text", "changed").hset("text", {});
  await expect(discarded.exec()).rejects.toThrow("EXECABORT");
  expect(await redis.get("text")).toBe("a");
});

test("concurrent transactions and commands do not interleave", async () => {
  const redis = createUpstashClient(server.upstash);
  const all = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      index % 2 ? redis.get(`other-${index}`) : redis.multi().incr("count").incr("count").exec(),
    ),
  );
  const pairs = all.filter((result): result is [number, number] => Array.isArray(result));
  expect(pairs).toHaveLength(30);
  expect(pairs.every(([first, second]) => second === first + 1)).toBe(true);
  expect(await redis.get("count")).toBe(60);
});

test("evalsha of an unknown script throws NOSCRIPT, which rate limiters need", async () => {
  const redis = createUpstashClient(server.upstash);
  await expect(redis.evalsha("f".repeat(40), [], [])).rejects.toMatchObject({
    code: "NOSCRIPT",
    status: 400,
    message: expect.stringContaining("NOSCRIPT"),
  });
  expect(await redis.eval("return {KEYS[1], ARGV[1], 3}", ["k"], ["ä"])).toEqual(["k", "ä", 3]);
});

test("the fake server encodes all strings but OK in base64 if requested, and rejects invalid requests", async () => {
  const { url, token } = server.upstash;
  const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, ...headers },
      body,
    });
    return [response.status, await response.json()];
  };
  const base64 = { "upstash-encoding": "base64" };
  expect(await post("/", '["SET","foo","bar","EX",100]', base64)).toEqual([200, { result: "OK" }]);
  expect(await post("/", '["GET","foo"]')).toEqual([200, { result: "bar" }]);
  expect(await post("/", '["GET","foo"]', base64)).toEqual([200, { result: "YmFy" }]);
  const mixed = '[["MGET","foo","none"],["STRLEN","foo"],["PING"],["LPUSH","foo","x"]]';
  expect(await post("/pipeline", mixed, base64)).toEqual([
    200,
    [
      { result: ["YmFy", null] },
      { result: 3 },
      { result: "UE9ORw==" },
      { error: "WRONGTYPE Operation against a key holding the wrong kind of value" },
    ],
  ]);
  expect(await post("/", '["GET"]')).toEqual([400, { error: "ERR wrong number of arguments for 'get' command" }]);
  expect(await post("/", '["GET",{}]')).toEqual([400, { error: expect.stringContaining("ERR") }]);
  expect(await post("/pipeline", '["GET","foo"]')).toEqual([400, { error: expect.stringContaining("ERR") }]);
  expect(await post("/multi-exec", '[["GET"')).toEqual([400, { error: expect.stringContaining("ERR") }]);
  expect(await post("/", '["GET","foo"]', { authorization: "Bearer x" })).toEqual([
    401,
    { error: expect.stringMatching(/^WRONGPASS invalid or missing auth token/) },
  ]);
});

test("reads and writes values larger than a packet", async () => {
  const redis = createUpstashClient(server.upstash);
  const value = "日x".repeat(200_000);
  await redis.set("great", value);
  expect(await redis.get("great")).toBe(value);
});
