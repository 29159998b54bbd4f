import { createHash } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import type { App } from "#http/context.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addHealthRoutes } from "#http/routes/health.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { addSearchRoute } from "#http/routes/search.ts";
import type { Call } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import { post, send, testApp } from "../_app.ts";

const KEYS = { acme: "erag_acme", rotated: "erag_acme-2", reader: "erag_reader", other: "erag_other" };
const entry = (key: string, tenant: string, topicIds?: number[]) => ({
  tenant,
  sha256: createHash("sha256").update(key).digest("hex"),
  ...(topicIds && { topicIds }),
});
const ACCESS = {
  corsOrigins: [],
  keys: [
    entry(KEYS.acme, "acme"),
    entry(KEYS.rotated, "acme"),
    entry(KEYS.reader, "acme", [1, 2]),
    entry(KEYS.other, "other"),
  ],
};
const DOCUMENTS = { documents: [{ id: "a", text: "text" }] };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** An app on stubs that record questions and tenants, and return empty results. */
function keyedApp(access = ACCESS) {
  const questions: Question[] = [];
  const tenants: (string | undefined)[] = [];
  const record = (call?: Call) => tenants.push(call?.tenant);
  const { app, seen } = testApp(access);
  addQueryRoute(app, async (question, call) => {
    questions.push(question);
    record(call);
    const timingsMs = { embedding: 0, vector_search: 0, rerank: 0, llm_generation: 0, total: 0 };
    const usage = { promptTokens: 0, completionTokens: 0 };
    return {
      ...{ text: "", answered: false, citations: [], usage, timingsMs, degraded: [] },
      cache: { embedding: false },
      model: "m",
    };
  });
  addEmbedRoutes(
    app,
    async (_, call) => {
      record(call);
      return { documents: [], usage: { tokens: 0 } };
    },
    {
      async remove(_, call) {
        record(call);
        return 1;
      },
    },
  );
  addSearchRoute(app, async (question, call) => {
    questions.push(question);
    record(call);
    const timingsMs = { embedding: 0, vector_search: 0, rerank: 0, total: 0 };
    return { citations: [], timingsMs, cache: { embedding: false }, degraded: [] };
  });
  addDocumentRoutes(app, {
    async list(_, call) {
      record(call);
      return { documents: [] };
    },
    async get(id, _, call) {
      record(call);
      return { id, title: id, topicIds: [], metadata: {}, chunks: 0, content: [] };
    },
  });
  addHealthRoutes(app, async () => ({
    checks: [],
    telemetry: () => ({
      ...{ enabled: false, exported: 0, retained: 0, dropped: 0, breaker: "none" as const },
      flush: { count: 0, last_ms: 0, max_ms: 0 },
    }),
    usage: () => ({ prompt_tokens: 0, completion_tokens: 0, requests: 0, unpriced_requests: 0 }),
  }));
  return { app, seen, questions, tenants };
}

/** Every route that requires a key. */
function everyRoute(app: App, headers: Record<string, string>): Promise<Response[]> {
  return Promise.all([
    post(app, "/query", { question: "Why?" }, headers),
    post(app, "/search", { question: "Why?" }, headers),
    post(app, "/embed", DOCUMENTS, headers),
    send(app, "/embed", { headers }),
    send(app, "/embed/a", { headers }),
    send(app, "/embed/a", { method: "DELETE", headers }),
    send(app, "/health?deep=1", { headers }),
  ]);
}

describe("without a valid key", () => {
  it.each([
    {},
    bearer("erag_wrong"),
    bearer(`${KEYS.acme}x`),
    bearer(KEYS.acme.toUpperCase()),
    bearer(createHash("sha256").update(KEYS.acme).digest("hex")),
    { authorization: KEYS.acme },
    { authorization: `Basic ${KEYS.acme}` },
    { authorization: "Bearer " },
    { "x-api-key": "" },
    { "x-api-key": "acme" },
    { cookie: `key=${KEYS.acme}` },
    { ...bearer("erag_wrong"), "x-api-key": KEYS.acme },
  ] as Record<string, string>[])("every route returns 401 and the pipeline is not called: %j", async (headers) => {
    const { app, seen, tenants } = keyedApp();
    for (const response of await everyRoute(app, headers)) {
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(await response.json()).toMatchObject({ title: "Unauthorized", status: 401, stage: "validation" });
    }
    expect(tenants).toEqual([]);
    expect(seen.map(({ stage }) => stage)).toEqual(Array(7).fill("validation"));
  });

  it("an unknown path returns 401 too, so that it reveals nothing", async () => {
    const { app } = keyedApp();
    expect((await send(app, "/health/x")).status).toBe(401);
    expect((await send(app, "/nowhere")).status).toBe(401);
    expect((await send(app, "/nowhere", { headers: bearer(KEYS.acme) })).status).toBe(404);
  });

  it("a key in the URL returns 401: URLs are logged", async () => {
    const { app } = keyedApp();
    expect((await post(app, `/query?api_key=${KEYS.acme}&x-api-key=${KEYS.acme}`, { question: "Why?" })).status).toBe(
      401,
    );
  });

  it("liveness and the API description are public", async () => {
    const { app } = keyedApp();
    expect((await send(app, "/health")).status).toBe(200);
    expect((await send(app, "/health?deep=0")).status).toBe(200);
    expect((await send(app, "/openapi.json", { headers: bearer("erag_wrong") })).status).toBe(200);
  });

  test("an app without keys needs none, and has no tenants", async () => {
    const { app, tenants } = keyedApp({ keys: [], corsOrigins: [] });
    expect((await everyRoute(app, bearer("erag_any"))).map(({ status }) => status)).toEqual(Array(7).fill(200));
    expect(tenants).toEqual(Array(6).fill(undefined));
  });
});

describe("with a valid key", () => {
  it.each([
    ["acme", bearer(KEYS.acme)],
    ["acme", { authorization: `bearer  ${KEYS.acme}` }],
    ["acme", bearer(KEYS.rotated)],
    ["acme", { "x-api-key": KEYS.acme }],
    ["acme", { authorization: "Basic cHJveHk6", "x-api-key": KEYS.acme }],
    ["other", bearer(KEYS.other)],
  ])("calls have its tenant: %s, %j", async (tenant, headers) => {
    const { app, tenants } = keyedApp();
    const responses = await everyRoute(app, headers);
    expect(responses.map(({ status }) => status)).toEqual(Array(7).fill(200));
    expect(tenants).toEqual(Array(6).fill(tenant));
  });

  it("concurrent requests keep their own tenants", async () => {
    const { app, tenants } = keyedApp();
    const keys = Array.from({ length: 40 }, (_, index) => (index % 2 ? KEYS.acme : KEYS.other));
    await Promise.all(keys.map((key) => post(app, "/query", { question: "Why?" }, bearer(key))));
    expect(tenants.filter((tenant) => tenant === "acme")).toHaveLength(20);
    expect(tenants.filter((tenant) => tenant === "other")).toHaveLength(20);
  });
});

describe("with a read-only key for some topics", () => {
  it.each([
    [undefined, [1, 2]],
    [[2, 3], [2]],
    [[3], []],
    [[], []],
  ])("a question about the topics %j searches %j", async (topic_ids, searched) => {
    const { app, questions } = keyedApp();
    for (const path of ["/query", "/search"]) {
      const response = await post(app, path, { question: "Why?", topic_ids }, bearer(KEYS.reader));
      expect(response.status).toBe(200);
    }
    expect(questions.map(({ filter }) => filter)).toEqual(Array(2).fill({ topicIds: searched }));
  });

  it("writing and removing return 403, whatever the body", async () => {
    const { app, tenants } = keyedApp();
    for (const response of [
      await post(app, "/embed", DOCUMENTS, bearer(KEYS.reader)),
      await post(app, "/embed", "{", bearer(KEYS.reader)),
      await send(app, "/embed/a", { method: "DELETE", headers: bearer(KEYS.reader) }),
    ]) {
      expect(response.status).toBe(403);
      expect(response.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope"');
      expect(await response.json()).toMatchObject({ title: "Forbidden", stage: "validation" });
    }
    expect(tenants).toEqual([]);
  });
});
