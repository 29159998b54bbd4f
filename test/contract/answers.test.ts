import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createUpstashAnswers, type UpstashAnswersOptions } from "#providers/upstash/answers.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import type { CachedAnswer } from "#rag/ports.ts";
import { steps, takeSteps } from "../rag/_answer-world.ts";
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

const newAnswers = (options: Partial<UpstashAnswersOptions> = {}) =>
  createUpstashAnswers(createUpstashClient(server.upstash), { ttlSeconds: 100, ...options });
const requests = () => server.upstash.requests.map(({ body }) => JSON.parse(body));

const ANSWER: CachedAnswer = {
  text: 'By a "waggle dance". [1]\n\u{1F41D}\ud800',
  citations: [
    {
      index: 1,
      chunkId: "c",
      documentId: "d",
      title: "T",
      url: "https://e.org",
      heading: "",
      text: "t",
      score: 0.5,
      similarity: -0.1,
    },
    { index: 2, chunkId: "c2", documentId: "d", title: "123", heading: "1 > 2", text: "null", score: 1 },
  ],
  model: "m",
};

/** Caches the answer under the current version. */
async function cacheAnswer(answers = newAnswers(), tenant?: string): Promise<void> {
  const call = tenant === undefined ? {} : { tenant };
  const { version = "" } = await answers.get("k", call);
  await answers.set("k", ANSWER, version, call);
}

test("a cached answer is returned unchanged to any process", async () => {
  await cacheAnswer();
  expect((await newAnswers().get("k")).answer).toEqual(ANSWER);
  expect((await newAnswers().get("other")).answer).toBeUndefined();
});

test("a lookup reads version and answer in one request", async () => {
  await cacheAnswer();
  server.upstash.requests.length = 0;
  await newAnswers().get("k");
  expect(requests()).toEqual([["mget", "edge-rag:answers:v1:version", "edge-rag:answers:v1:answer:k"]]);
});

test("the first lookup of a tenant creates the version; concurrent lookups get the same one or none", async () => {
  const reads = await Promise.all(Array.from({ length: 8 }, () => newAnswers().get("k", { tenant: "a" })));
  const { version } = await newAnswers().get("k", { tenant: "a" });
  expect(version).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(reads.map(({ version }) => version))).toEqual(
    reads.some(({ version }) => version === undefined) ? new Set([version, undefined]) : new Set([version]),
  );
});

test("a change of documents invalidates all answers of its tenant only", async () => {
  const answers = newAnswers();
  await cacheAnswer(answers);
  await cacheAnswer(answers, "a");
  await answers.changing({ tenant: "a" });
  expect(await answers.get("k", { tenant: "a" })).toEqual({});
  await answers.changed({ tenant: "a" });
  const { version, answer } = await answers.get("k", { tenant: "a" });
  expect(version).toBeDefined();
  expect(answer).toBeUndefined();
  // Keys must differ between tenants; that is up to the caller.
  expect((await answers.get("k")).version).not.toBe(version);
});

test("an answer generated before a change and cached after it is never returned", async () => {
  const answers = newAnswers();
  const { version = "" } = await answers.get("k");
  await answers.changing();
  await answers.changed();
  await answers.set("k", ANSWER, version);
  expect((await answers.get("k")).answer).toBeUndefined();
});

test("a version that Redis evicted is not reused", async () => {
  await cacheAnswer();
  await server.redis.send([["DEL", "edge-rag:answers:v1:version"]]);
  const answers = newAnswers();
  expect((await answers.get("k")).answer).toBeUndefined();
  expect((await answers.get("k")).answer).toBeUndefined();
});

test("answers expire after ttlSeconds, an unfinished change after 15 minutes", async () => {
  await cacheAnswer();
  await newAnswers().changing({ tenant: "a" });
  await newAnswers().changed({ tenant: "b" });
  const ttls = await server.redis.send([
    ["TTL", "edge-rag:answers:v1:answer:k"],
    ["TTL", "edge-rag:answers:v1:version:a"],
    ["TTL", "edge-rag:answers:v1:version:b"],
  ]);
  expect(ttls).toEqual([100, 900, -1]);
});

test("two prefixes share no entries", async () => {
  await cacheAnswer(newAnswers({ prefix: "one" }));
  await newAnswers({ prefix: "two" }).changed();
  expect((await newAnswers({ prefix: "one" }).get("k")).answer).toEqual(ANSWER);
  expect((await newAnswers({ prefix: "two" }).get("k")).answer).toBeUndefined();
});

test("an invalid value is a miss and replaced by the next answer", async () => {
  const answers = newAnswers();
  const { version = "" } = await answers.get("k");
  const [first] = ANSWER.citations;
  const invalid = [
    "not JSON",
    "12",
    "null",
    "[]",
    JSON.stringify({ version }),
    JSON.stringify({ version, answer: null }),
    JSON.stringify({ version, answer: { ...ANSWER, text: 1 } }),
    JSON.stringify({ version, answer: { ...ANSWER, model: undefined } }),
    JSON.stringify({ version, answer: { ...ANSWER, citations: [] } }),
    JSON.stringify({ version, answer: { ...ANSWER, citations: {} } }),
    JSON.stringify({ version, answer: { ...ANSWER, citations: [null] } }),
    JSON.stringify({ version, answer: { ...ANSWER, citations: [{ ...first, url: 1 }] } }),
    JSON.stringify({ version, answer: { ...ANSWER, citations: [{ ...first, score: "1" }] } }),
    JSON.stringify({ answer: ANSWER }),
    JSON.stringify({ version: "another", answer: ANSWER }),
  ];
  for (const value of invalid) {
    await server.redis.send([["SET", "edge-rag:answers:v1:answer:k", value]]);
    expect(await answers.get("k"), value).toEqual({ version });
  }
  await answers.set("k", ANSWER, version);
  expect((await answers.get("k")).answer).toEqual(ANSWER);
});

test("throws an error with a code when Redis is down", async () => {
  try {
    server.upstash.instead = (response) => void response.writeHead(503).end();
    const answers = newAnswers();
    const calls = [answers.get("k"), answers.set("k", ANSWER, "v"), answers.changing(), answers.changed()];
    for (const call of calls) await expect(call).rejects.toMatchObject({ name: "UpstashRestError", code: "HTTP_503" });
    server.upstash.instead = (response) => void response.end('{"result":["v"]}');
    await expect(answers.get("k")).rejects.toMatchObject({ code: "malformed_response" });
  } finally {
    server.upstash.instead = undefined;
  }
});

test("an answer is returned only for the same question, tenant, models and documents", async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      await server.redis.send([["FLUSHALL"]]);
      hits += await takeSteps(steps, newAnswers());
    }),
    { numRuns: 100 },
  );
  expect(hits).toBeGreaterThan(50);
});
