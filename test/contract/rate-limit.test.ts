import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createLambdaHandlers } from "#compose/lambda.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import { createUpstashRateLimit } from "#providers/upstash/rate-limit.ts";
import { invoke } from "../functions/_lambda.ts";
import { type RedisUpstash, startRedisUpstash } from "../support/redis-upstash.ts";

let server: RedisUpstash;
beforeAll(async () => {
  server = await startRedisUpstash();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  await server.redis.send([["FLUSHALL"], ["SCRIPT", "FLUSH"]]);
  server.upstash.requests.length = 0;
});

/** A quarter past the hour, far from the end of a window. */
const NOON = Date.UTC(2030, 0, 1, 12, 15);
const HOUR = 3_600_000;

/** A new limiter without local state, as in another process. */
const newLimiter = (options: Partial<Parameters<typeof createUpstashRateLimit>[1]> = {}) =>
  createUpstashRateLimit(createUpstashClient(server.upstash), {
    requests: 3,
    windowMs: HOUR,
    ...options,
  });

/** Fakes `Date` until the end of the test. */
function clockAt(time: number): (time: number) => void {
  vi.useFakeTimers({ toFake: ["Date"], now: time });
  return (next) => void vi.setSystemTime(next);
}
beforeEach(() => () => void vi.useRealTimers());

test("allows `requests` per window, counting down, and rejects the rest until the window ends", async () => {
  clockAt(NOON);
  const { limit, windowMs } = newLimiter();
  expect(windowMs).toBe(HOUR);
  const quotas = [await limit("a"), await limit("a"), await limit("a"), await limit("a")];
  expect(quotas.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
    [true, 2],
    [true, 1],
    [true, 0],
    [false, 0],
  ]);
  for (const quota of quotas) expect(quota).toMatchObject({ limit: 3, resetMs: 0.75 * HOUR });
});

test("allows the exact number of concurrent requests over several clients", async () => {
  clockAt(NOON);
  const limiters = Array.from({ length: 3 }, () => newLimiter({ requests: 20 }));
  const quotas = await Promise.all(limiters.flatMap(({ limit }) => Array.from({ length: 20 }, () => limit("a"))));
  expect(quotas.filter((quota) => quota.allowed)).toHaveLength(20);
});

test("shares the window with another process", async () => {
  const { url, token } = server.upstash;
  const script = `
    const { createUpstashClient } = await import("#providers/upstash/client.ts");
    const { createUpstashRateLimit } = await import("#providers/upstash/rate-limit.ts");
    const redis = createUpstashClient(${JSON.stringify({ url, token })});
    const limiter = createUpstashRateLimit(redis, { requests: 3, windowMs: 30 * 86_400_000 });
    process.stdout.write(JSON.stringify([await limiter.limit("a"), await limiter.limit("a")].map((quota) => quota.remaining)));
  `;
  const { limit } = newLimiter({ windowMs: 30 * 86_400_000 });
  expect((await limit("a")).remaining).toBe(2);
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  expect(JSON.parse(stdout)).toEqual([1, 0]);
  expect((await limit("a")).allowed).toBe(false);
});

test("counts keys and prefixes separately", async () => {
  clockAt(NOON);
  const limiter = newLimiter({ requests: 1 });
  expect((await limiter.limit("a")).allowed).toBe(true);
  expect((await limiter.limit("a")).allowed).toBe(false);
  for (const key of ["b", "a:1", "A", ""]) expect((await limiter.limit(key)).allowed).toBe(true);
  expect((await newLimiter({ requests: 1, prefix: "other" }).limit("a")).allowed).toBe(true);
});

test("weighs the previous window by its overlap with the sliding window", async () => {
  const setClock = clockAt(NOON);
  const before = newLimiter({ requests: 4 });
  for (const _ of [1, 2, 3, 4]) await before.limit("a");
  const next = NOON + 0.75 * HOUR;
  setClock(next);
  expect((await newLimiter({ requests: 4 }).limit("a")).allowed).toBe(false);
  setClock(next + 1);
  expect(await newLimiter({ requests: 4 }).limit("a")).toMatchObject({ allowed: true, remaining: 0 });
  setClock(next + HOUR / 2);
  const half = newLimiter({ requests: 4 });
  expect([(await half.limit("a")).allowed, (await half.limit("a")).allowed]).toEqual([true, false]);
});

test("allows everything again after two windows", async () => {
  const setClock = clockAt(NOON);
  const limiter = newLimiter();
  for (const _ of [1, 2, 3, 4]) await limiter.limit("a");
  setClock(NOON + 2 * HOUR);
  expect(await limiter.limit("a")).toMatchObject({ allowed: true, remaining: 2 });
});

test("rejects locally until the window ends after a rejection, then allows again", async () => {
  const setClock = clockAt(NOON);
  const limiter = newLimiter({ requests: 2 });
  for (const _ of [1, 2, 3]) await limiter.limit("a");
  const before = server.upstash.requests.length;
  const quota = await limiter.limit("a");
  expect(quota).toMatchObject({ allowed: false, limit: 2, remaining: 0, resetMs: 0.75 * HOUR });
  expect(server.upstash.requests).toHaveLength(before);
  setClock(NOON + quota.resetMs + 1);
  expect((await limiter.limit("a")).allowed).toBe(true);
});

test("stores one key per window, which expires when it is no longer needed", async () => {
  clockAt(NOON);
  await newLimiter().limit("a");
  const keys = (await server.redis.send([["KEYS", "*"]])).flat().map(String);
  expect(keys).toEqual([`edge-rag:rate:a:${Math.floor(NOON / HOUR)}`]);
  const [ttl] = await server.redis.send([["PTTL", keys[0] ?? ""]]);
  expect(ttl).toBeGreaterThan(HOUR);
  expect(ttl).toBeLessThanOrEqual(2 * HOUR + 1_000);
});

test("sends an evicted script again and continues counting", async () => {
  clockAt(NOON);
  const { limit } = newLimiter();
  await limit("a");
  const commands = () => server.upstash.requests.map(({ body }) => JSON.parse(body)[0]);
  // Unlike Upstash, Redis rejects the script in its original form.
  expect(commands()).toEqual(["evalsha", "eval", "eval"]);
  await limit("a");
  expect(commands().slice(3)).toEqual(["evalsha"]);
  await server.redis.send([["SCRIPT", "FLUSH"]]);
  expect(await limit("a")).toMatchObject({ allowed: true, remaining: 0 });
  expect(commands().slice(4)).toEqual(["evalsha", "eval"]);
});

test("throws when Redis rejects requests, sends malformed responses or is down", async () => {
  const { upstash } = server;
  try {
    upstash.instead = (response) => void response.writeHead(503).end();
    await expect(newLimiter().limit("a")).rejects.toMatchObject({ name: "UpstashRestError", code: "HTTP_503" });
    upstash.instead = (response) => void response.end('{"result":[null,null]}');
    await expect(newLimiter().limit("a")).rejects.toMatchObject({ code: "malformed_response" });
    upstash.instead = (response) => void response.end('{"result":"OK"}');
    await expect(newLimiter().limit("a")).rejects.toMatchObject({ code: "malformed_response" });
  } finally {
    upstash.instead = undefined;
  }
  const gone = await startRedisUpstash();
  await gone.stop();
  const limiter = createUpstashRateLimit(createUpstashClient(gone.upstash), { requests: 1, windowMs: HOUR });
  await expect(limiter.limit("a")).rejects.toMatchObject({ name: "UpstashRestError" });
});

// On a machine that is busy for the 300 ms that counting may take, a request is allowed uncounted: hence the retry.
test("two functions with RAG_RATE_LIMIT count together, and allow requests uncounted when Redis is down", {
  retry: 5,
}, async () => {
  const { upstash } = server;
  vi.stubEnv("UPSTASH_REDIS_REST_URL", upstash.url);
  vi.stubEnv("UPSTASH_REDIS_REST_TOKEN", upstash.token);
  vi.stubEnv("RAG_RATE_LIMIT", "2/30d");
  vi.stubEnv("OTEL_ENABLED", "false");
  onTestFinished(() => void vi.unstubAllEnvs());
  const newFunction = async () => {
    const { handler } = await createLambdaHandlers(async (app, parts) => {
      await addRateLimit(app, parts.rateLimit);
      app.post("/query", (c) => c.json({}));
    });
    return handler;
  };
  const [one, two] = [await newFunction(), await newFunction()];
  const replies = [
    await invoke(one, "POST", "/query"),
    await invoke(two, "POST", "/query"),
    await invoke(one, "POST", "/query"),
  ];
  expect(replies.map(({ status, headers }) => [status, headers["ratelimit-remaining"]])).toEqual([
    [200, "1"],
    [200, "0"],
    [429, "0"],
  ]);
  expect(Number(replies[2]?.headers["retry-after"])).toBeGreaterThan(0);
  upstash.instead = (response) => void response.writeHead(503).end();
  onTestFinished(() => {
    upstash.instead = undefined;
  });
  const reply = await invoke(two, "POST", "/query");
  expect([reply.status, reply.headers["ratelimit-remaining"]]).toEqual([200, undefined]);
});
