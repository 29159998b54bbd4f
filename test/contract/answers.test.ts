import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createUpstashAnswers, type UpstashAnswersOptions } from "#providers/upstash/answers.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import type { CachedAnswer } from "#rag/ports.ts";
import { steps, takeSteps } from "../rag/_answer-world.ts";
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

const newAnswers = (options: Partial<UpstashAnswersOptions> = {}) =>
  createUpstashAnswers(createUpstashClient(place.upstash), { ttlSeconds: 100, ...options });
const requests = () => place.upstash.requests.map(({ body }) => JSON.parse(body));

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

/** Keeps the answer as of now. */
async function keep(answers = newAnswers(), tenant?: string): Promise<void> {
  const call = tenant === undefined ? {} : { tenant };
  const { version = "" } = await answers.get("k", call);
  await answers.set("k", ANSWER, version, call);
}

test("an answer that was kept is given by any process, letter for letter", async () => {
  await keep();
  expect((await newAnswers().get("k")).answer).toEqual(ANSWER);
  expect((await newAnswers().get("other")).answer).toBeUndefined();
});

test("a read is one request for version and answer", async () => {
  await keep();
  place.upstash.requests.length = 0;
  await newAnswers().get("k");
  expect(requests()).toEqual([["mget", "edge-rag:answers:v1:version", "edge-rag:answers:v1:answer:k"]]);
});

test("the first read of a tenant names the version, for all who read at once the same one or none", async () => {
  const reads = await Promise.all(Array.from({ length: 8 }, () => newAnswers().get("k", { tenant: "a" })));
  const { version } = await newAnswers().get("k", { tenant: "a" });
  expect(version).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(reads.map(({ version }) => version))).toEqual(
    reads.some(({ version }) => version === undefined) ? new Set([version, undefined]) : new Set([version]),
  );
});

test("a change of documents ends all answers of the tenant, and of no other", async () => {
  const answers = newAnswers();
  await keep(answers);
  await keep(answers, "a");
  await answers.changing({ tenant: "a" });
  expect(await answers.get("k", { tenant: "a" })).toEqual({});
  await answers.changed({ tenant: "a" });
  const { version, answer } = await answers.get("k", { tenant: "a" });
  expect(version).toBeDefined();
  expect(answer).toBeUndefined();
  // The key is the caller's: that it tells tenants apart is not this port's matter.
  expect((await answers.get("k")).version).not.toBe(version);
});

test("an answer that was made before a change and is kept after it is never given", async () => {
  const answers = newAnswers();
  const { version = "" } = await answers.get("k");
  await answers.changing();
  await answers.changed();
  await answers.set("k", ANSWER, version);
  expect((await answers.get("k")).answer).toBeUndefined();
});

test("a version that Redis forgets does not come back", async () => {
  await keep();
  await place.redis.send([["DEL", "edge-rag:answers:v1:version"]]);
  const answers = newAnswers();
  expect((await answers.get("k")).answer).toBeUndefined();
  expect((await answers.get("k")).answer).toBeUndefined();
});

test("answers are kept for the time given, a change that never ends for a quarter of an hour", async () => {
  await keep();
  await newAnswers().changing({ tenant: "a" });
  await newAnswers().changed({ tenant: "b" });
  const ttls = await place.redis.send([
    ["TTL", "edge-rag:answers:v1:answer:k"],
    ["TTL", "edge-rag:answers:v1:version:a"],
    ["TTL", "edge-rag:answers:v1:version:b"],
  ]);
  expect(ttls).toEqual([100, 900, -1]);
});

test("two prefixes share nothing", async () => {
  await keep(newAnswers({ prefix: "one" }));
  await newAnswers({ prefix: "two" }).changed();
  expect((await newAnswers({ prefix: "one" }).get("k")).answer).toEqual(ANSWER);
  expect((await newAnswers({ prefix: "two" }).get("k")).answer).toBeUndefined();
});

test("whatever else stands under a key is a miss, and the next answer replaces it", async () => {
  const answers = newAnswers();
  const { version = "" } = await answers.get("k");
  const [first] = ANSWER.citations;
  const spoiled = [
    "no JSON",
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
  for (const value of spoiled) {
    await place.redis.send([["SET", "edge-rag:answers:v1:answer:k", value]]);
    expect(await answers.get("k"), value).toEqual({ version });
  }
  await answers.set("k", ANSWER, version);
  expect((await answers.get("k")).answer).toEqual(ANSWER);
});

test("a Redis that is down is an error with its code", async () => {
  try {
    place.upstash.instead = (response) => void response.writeHead(503).end();
    const answers = newAnswers();
    const calls = [answers.get("k"), answers.set("k", ANSWER, "v"), answers.changing(), answers.changed()];
    for (const call of calls) await expect(call).rejects.toMatchObject({ name: "UpstashRestError", code: "HTTP_503" });
    place.upstash.instead = (response) => void response.end('{"result":["v"]}');
    await expect(answers.get("k")).rejects.toMatchObject({ code: "malformed_response" });
  } finally {
    place.upstash.instead = undefined;
  }
});

test("an answer is only ever given to the same question of the same tenant, models and documents", async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      await place.redis.send([["FLUSHALL"]]);
      hits += await takeSteps(steps, newAnswers());
    }),
    { numRuns: 100 },
  );
  expect(hits).toBeGreaterThan(50);
});
