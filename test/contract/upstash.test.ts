import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createUpstashCache } from "#providers/upstash/cache.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import { type RedisUpstash, startRedisUpstash } from "../support/redis-upstash.ts";

let place: RedisUpstash;
beforeAll(async () => {
  place = await startRedisUpstash();
});
afterAll(() => place?.stop());
beforeEach(async () => {
  await place.redis.send([["FLUSHALL"]]);
  place.upstash.requests.length = 0;
});

const vector = (...values: number[]) => Float32Array.from(values);
const newCache = (options = {}) => createUpstashCache(createUpstashClient(place.upstash), options);
const keysInRedis = async () => (await place.redis.send([["KEYS", "*"]])).flat().map(String).sort();

test("every vector is kept for the time given and not a second longer", async () => {
  await newCache().setMany([["a", vector(1)]]);
  await newCache({ ttlSeconds: 1, prefix: "short" }).setMany([["a", vector(1)]]);
  const [long, short] = await place.redis.send([
    ["TTL", "edge-rag:embedding:v1:a"],
    ["PTTL", "short:embedding:v1:a"],
  ]);
  expect(long).toBe(30 * 24 * 60 * 60);
  expect(short).toBeLessThanOrEqual(1_000);
  expect(await newCache({ prefix: "short" }).getMany(["a"])).toEqual([vector(1)]);
  await delay(1_100);
  expect(await newCache({ prefix: "short" }).getMany(["a"])).toEqual([undefined]);
});

test("setting a vector again starts its time again, reading it does not", async () => {
  const cache = newCache({ ttlSeconds: 100 });
  await cache.setMany([["a", vector(1)]]);
  await place.redis.send([["EXPIRE", "edge-rag:embedding:v1:a", "50"]]);
  await cache.getMany(["a"]);
  expect(await place.redis.send([["TTL", "edge-rag:embedding:v1:a"]])).toEqual([50]);
  await cache.setMany([["a", vector(1)]]);
  expect(await place.redis.send([["TTL", "edge-rag:embedding:v1:a"]])).toEqual([100]);
});

test("two prefixes share a database and no entry", async () => {
  await newCache({ prefix: "one" }).setMany([["a", vector(1)]]);
  await newCache({ prefix: "two" }).setMany([["a", vector(2)]]);
  expect(await newCache({ prefix: "one" }).getMany(["a"])).toEqual([vector(1)]);
  expect(await keysInRedis()).toEqual(["one:embedding:v1:a", "two:embedding:v1:a"]);
});

test("whatever else stands under a key is a miss, and the next write replaces it", async () => {
  const foreign = {
    text: ["SET", "no vector"],
    number: ["SET", "12345678"],
    empty: ["SET", ""],
    half: ["SET", Buffer.alloc(6).toString("base64")],
    spoiled: ["SET", `!${Buffer.alloc(8).toString("base64")}`],
    json: ["SET", "[1,2,3]"],
    list: ["RPUSH", "x"],
    hash: ["HSET", "field", "x"],
  };
  const keys = Object.keys(foreign);
  await place.redis.send(
    Object.entries(foreign).map(([key, [name = "", ...values]]) => [name, `edge-rag:embedding:v1:${key}`, ...values]),
  );
  const cache = newCache();
  expect(await cache.getMany(keys)).toEqual(keys.map(() => undefined));
  await cache.setMany(keys.map((key) => [key, vector(1)]));
  expect(await cache.getMany(keys)).toEqual(keys.map(() => vector(1)));
});

test("a full database refuses the write with Redis' own code, and reads go on", async () => {
  const cache = newCache();
  await cache.setMany([["a", vector(1)]]);
  await place.redis.send([["CONFIG", "SET", "maxmemory", "1"]]);
  try {
    await expect(cache.setMany([["b", vector(2)]])).rejects.toMatchObject({ name: "UpstashRestError", code: "OOM" });
    expect(await cache.getMany(["a", "b"])).toEqual([vector(1), undefined]);
  } finally {
    await place.redis.send([["CONFIG", "SET", "maxmemory", "0"]]);
  }
});

test("our client and Upstash's own, in base64 and in pipelines of its making, read each other's values", async () => {
  const [ours, theirs] = [createUpstashClient(place.upstash), new Redis({ ...place.upstash, retry: false })];
  await theirs.set("theirs", "日本語 🙂 OK");
  await ours.set("ours", { nested: ["ä", 1, null] });
  expect(await ours.get("theirs")).toBe("日本語 🙂 OK");
  expect(await theirs.get("ours")).toEqual({ nested: ["ä", 1, null] });
  expect(await ours.mget("ours", "none")).toEqual(await theirs.mget("ours", "none"));
  const theirRequests = place.upstash.requests.filter(({ headers }) => headers["upstash-encoding"] === "base64");
  expect(theirRequests.map(({ path }) => path)).toEqual(["/pipeline", "/pipeline", "/pipeline"]);
  const ourRequests = place.upstash.requests.filter((request) => !theirRequests.includes(request));
  expect(ourRequests.map(({ path }) => path)).toEqual(["/", "/", "/"]);
});

test.each([
  ["ours", () => createUpstashClient(place.upstash)],
  ["Upstash's own", () => new Redis({ ...place.upstash, retry: false })],
])(
  "%s: a pipeline fails item by item, a transaction with a command that cannot be queued as a whole",
  async (_, make) => {
    const redis = make();
    const pipeline = redis.pipeline().set("text", "a").incr("text").set("after", "b");
    expect(await pipeline.exec({ keepErrors: true })).toEqual([
      { result: "OK", error: undefined },
      { result: undefined, error: "ERR value is not an integer or out of range" },
      { result: "OK", error: undefined },
    ]);
    await expect(redis.pipeline().incr("text").exec()).rejects.toThrow(
      "Command 1 [ incr ] failed: ERR value is not an",
    );

    expect(await redis.multi().incr("number").incrby("number", 4).get("number").exec()).toEqual([1, 5, 5]);
    const discarded = redis.multi().set("text", "changed").hset("text", {});
    await expect(discarded.exec()).rejects.toThrow("EXECABORT");
    expect(await redis.get("text")).toBe("a");
  },
);

test("transactions and other commands of many clients at once do not mix", async () => {
  const redis = createUpstashClient(place.upstash);
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

test("a script that Redis does not know says so in its error, as rate limiters need", async () => {
  const redis = createUpstashClient(place.upstash);
  await expect(redis.evalsha("f".repeat(40), [], [])).rejects.toMatchObject({
    code: "NOSCRIPT",
    status: 400,
    message: expect.stringContaining("NOSCRIPT"),
  });
  expect(await redis.eval("return {KEYS[1], ARGV[1], 3}", ["k"], ["ä"])).toEqual(["k", "ä", 3]);
});

test("on the wire: base64 for all strings but OK when asked for, and a status for what is refused", async () => {
  const { url, token } = place.upstash;
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

test("a value greater than a packet comes whole", async () => {
  const redis = createUpstashClient(place.upstash);
  const value = "日x".repeat(200_000);
  await redis.set("great", value);
  expect(await redis.get("great")).toBe(value);
});
