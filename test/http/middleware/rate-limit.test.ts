import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Access } from "#http/app.ts";
import { limitRate, type Quota, type RateLimiter } from "#http/middleware/rate-limit.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addHealthRoutes } from "#http/routes/health.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { post, send, TRACE, testApp } from "../_app.ts";

const QUOTA: Quota = { allowed: true, limit: 60, remaining: 59, resetMs: 29_500 };
const FIELDS = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy", "ratelimit"];
const fieldsOf = ({ headers }: Response) => FIELDS.map((name) => headers.get(name));

/** All routes behind a limiter. */
function limitedApp(limit: RateLimiter["limit"] = async () => QUOTA, access?: Access) {
  const errors: unknown[] = [];
  const keys: string[] = [];
  const questions: string[] = [];
  const { app, seen } = testApp(access);
  const limiter: RateLimiter = {
    windowMs: 60_000,
    limit(key, call) {
      keys.push(key);
      return limit(key, call);
    },
  };
  app.use(limitRate({ limiter, onError: (error) => errors.push(error) }));
  addQueryRoute(app, async ({ question }, call) => {
    questions.push(question);
    call?.onCitations?.([], []);
    return {
      text: "A",
      answered: true,
      citations: [],
      usage: { promptTokens: 0, completionTokens: 0 },
      timingsMs: { embedding: 1, vector_search: 2, rerank: 3, llm_generation: 4, total: 10 },
      cache: { embedding: false },
      degraded: [],
      model: "m",
    };
  });
  addEmbedRoutes(app, async () => ({ documents: [], usage: { tokens: 0 } }), {
    remove: async () => 1,
  });
  addHealthRoutes(app, () => Promise.reject(new Error("unexpected call")));
  return { app, seen, errors, keys, questions };
}

test("a counted response has the quota in the fields of the earlier and the current drafts", async () => {
  const { app } = limitedApp();
  expect(fieldsOf(await post(app, "/query", { question: "How?" }))).toEqual([
    "60",
    "59",
    "30",
    '"default";q=60;w=60',
    '"default";r=59;t=30',
  ]);
});

test("error responses and streamed responses have the quota too", async () => {
  const { app } = limitedApp();
  const responses = [
    await post(app, "/query", { question: "" }),
    await post(app, "/query", { question: "How?", stream: true }),
    await post(app, "/embed", "{"),
    await send(app, "/embed/a%2F..", { method: "DELETE" }),
  ];
  expect(responses.map(({ status }) => status)).toEqual([400, 200, 400, 400]);
  for (const response of responses) expect(response.headers.get("ratelimit-remaining")).toBe("59");
});

test("returns 429 with Retry-After and without a stage over the limit, and does not call the pipeline", async () => {
  const { app, seen, questions, errors } = limitedApp(async () => ({ ...QUOTA, allowed: false, remaining: 0 }));
  const response = await post(app, "/query", { question: "How?" });
  expect(response.status).toBe(429);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("retry-after")).toBe("30");
  expect(fieldsOf(response)).toEqual(["60", "0", "30", '"default";q=60;w=60', '"default";r=0;t=30']);
  expect(await response.json()).toEqual({
    type: "urn:edge-rag:problem:too-many-requests",
    title: "Too many requests",
    status: 429,
    detail: "More than 60 requests in 60 s. Try again in 30 s.",
    trace_id: TRACE.traceId,
  });
  expect(questions).toEqual([]);
  expect(errors).toEqual([]);
  expect(seen).toMatchObject([{ route: "/query", status: 429 }]);
  expect(seen[0]?.stage).toBeUndefined();
});

test.each([
  [29_999, "30"],
  [30_000, "31"],
  [1, "1"],
  [0, "1"],
  [-5_000, "1"],
])("%i ms before the reset, Retry-After is %s: never too early, and at least 1", async (resetMs, seconds) => {
  const { app } = limitedApp(async () => ({ ...QUOTA, allowed: false, resetMs }));
  expect((await post(app, "/query", { question: "How?" })).headers.get("retry-after")).toBe(seconds);
});

test("counts POST and DELETE of known routes, and without keys counts all callers together", async () => {
  const { app, keys } = limitedApp();
  await post(app, "/query", { question: "How?" });
  await post(app, "/embed", { documents: [] }, { "x-api-key": "whatever" });
  await send(app, "/embed/a/b", { method: "DELETE" });
  expect(keys).toEqual(["anonymous", "anonymous", "anonymous"]);
  const free = [await send(app, "/health"), await send(app, "/openapi.json"), await post(app, "/nowhere", {})];
  expect(free.map(({ status }) => status)).toEqual([200, 200, 404]);
  for (const { headers } of free) expect(headers.has("ratelimit-limit")).toBe(false);
  expect(keys).toHaveLength(3);
});

test("counts each key separately, by a prefix of its hash, and does not count a 401", async () => {
  const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");
  const entries = ["one", "two"].map((key) => ({ tenant: "acme", sha256: hashOf(key) }));
  const { app, keys } = limitedApp(undefined, { keys: entries, corsOrigins: ["https://a.example"] });
  const ask = (headers: Record<string, string>) =>
    post(app, "/query", { question: "How?" }, { origin: "https://a.example", ...headers });
  const responses = [
    await ask({ authorization: "Bearer one" }),
    await ask({ "x-api-key": "one" }),
    await ask({ "x-api-key": "two" }),
    await ask({ "x-api-key": "three" }),
    await ask({}),
  ];
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 401, 401]);
  const [one, two] = ["one", "two"].map((key) => hashOf(key).slice(0, 16));
  expect(keys).toEqual([one, one, two]);
  const exposed = responses[0]?.headers.get("access-control-expose-headers")?.split(",");
  expect(exposed).toEqual(expect.arrayContaining([...FIELDS, "retry-after"]));
});

test("allows the request and calls onError when the limiter fails", async () => {
  const down = new Error("ECONNREFUSED");
  const { app, errors } = limitedApp(() => Promise.reject(down));
  const response = await post(app, "/query", { question: "How?" });
  expect(response.status).toBe(200);
  expect(fieldsOf(response)).toEqual(FIELDS.map(() => null));
  expect(errors).toEqual([down]);
  expect(response.headers.get("server-timing")).toMatch(/rate_limit;dur=[\d.]+/);
});

test("server-timing has the time of the limiter before the stages, also for a 429", async () => {
  const timing = async (app: Parameters<typeof post>[0]) =>
    (await post(app, "/query", { question: "How?" })).headers.get("server-timing");
  expect(await timing(limitedApp().app)).toMatch(/^total;dur=[\d.]+, rate_limit;dur=[\d.]+, embedding;dur=1\.0, /);
  expect(await timing(limitedApp(async () => ({ ...QUOTA, allowed: false })).app)).toMatch(
    /, rate_limit;dur=[\d.]+, tr/,
  );
});

test("passes the request's signal to the limiter", async () => {
  let signal: unknown;
  const { app } = limitedApp(async (_key, call) => {
    signal = call?.signal;
    return QUOTA;
  });
  await post(app, "/query", { question: "How?" });
  expect(signal).toBeInstanceOf(AbortSignal);
});

test("a limiter that tells no counts adds no fields, and refuses for its whole window", async () => {
  let allowed = true;
  const { app } = limitedApp(async () => ({ allowed }));
  const response = await post(app, "/query", { question: "How?" });
  expect(response.status).toBe(200);
  expect(fieldsOf(response)).toEqual(FIELDS.map(() => null));
  allowed = false;
  const refused = await post(app, "/query", { question: "How?" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
  expect(fieldsOf(refused)).toEqual(FIELDS.map(() => null));
  expect(await refused.json()).toMatchObject({ detail: "Too many requests. Try again in 60 s." });
});
