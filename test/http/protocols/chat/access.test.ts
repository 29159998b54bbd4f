import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { limitRate } from "#http/middleware/rate-limit.ts";
import { addChatRoutes } from "#http/protocols/chat/routes.ts";
import type { Question } from "#rag/question.ts";
import { post, send, TRACE, testApp } from "../../_app.ts";
import { ANSWER, REQUEST } from "./_chat.ts";

const sha256 = createHash("sha256").update("k").digest("hex");

/** Asks with a key for these topics, or for all; returns the response and the searched topics. */
async function ask(readable: readonly number[] | undefined, model: string, header?: string) {
  const questions: Question[] = [];
  const { app } = testApp({
    keys: [{ tenant: "acme", sha256, ...(readable && { topicIds: readable }) }],
    corsOrigins: [],
  });
  addChatRoutes(app, async (question) => {
    questions.push(question);
    return ANSWER;
  });
  const headers = { authorization: "Bearer k", ...(header !== undefined && { "x-rag-topic-ids": header }) };
  const response = await post(app, "/v1/chat/completions", { ...REQUEST, model }, headers);
  const { data } = (await (await send(app, "/v1/models", { headers })).json()) as { data: { id: string }[] };
  return { response, topics: questions[0]?.filter?.topicIds, models: data.map(({ id }) => id) };
}

describe("topics", () => {
  it.each<[string, readonly number[] | undefined, string, string | undefined, readonly number[] | undefined]>([
    ["none named", undefined, "edge-rag", undefined, undefined],
    ["by model", undefined, "edge-rag:topic-7", undefined, [7]],
    ["by header", undefined, "edge-rag", "7, 9,-1", [7, 9, -1]],
    ["by both", undefined, "edge-rag:topic-7", "9,7", [7]],
    ["by both, none in common", undefined, "edge-rag:topic-7", "9", []],
    ["of the key", [7, 8], "edge-rag", undefined, [7, 8]],
    ["by model, of the key", [7, 8], "edge-rag:topic-8", undefined, [8]],
    ["by header, of the key", [7, 8], "edge-rag", "8,9", [8]],
    ["by header, none of the key", [7, 8], "edge-rag", "9", []],
  ])("%s", async (_, readable, model, header, expected) => {
    const { response, topics } = await ask(readable, model, header);
    expect(response.status).toBe(200);
    expect(topics).toEqual(expected);
  });

  it("that a key may not read are no models of it", async () => {
    const { response, models } = await ask([7, 8], "edge-rag:topic-9");
    expect(response.status).toBe(404);
    expect(models).toEqual(["edge-rag", "edge-rag:topic-7", "edge-rag:topic-8"]);
  });

  it.each(["", "a", "7,", "7;8", "1.5", Array(101).fill(1).join()])(
    "in a header that is no list: %j",
    async (header) => {
      const { response, topics } = await ask(undefined, "edge-rag", header);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param: "x-rag-topic-ids" } });
      expect(topics).toBeUndefined();
    },
  );
});

describe("errors of all routes are OpenAI's here:", () => {
  const errorOf = async (response: Response) => {
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-request-id")).toBe(TRACE.traceId);
    const { error } = (await response.json()) as { error: object };
    return { status: response.status, ...error };
  };
  const unused = () => Promise.reject(new Error("the pipeline is broken"));

  it("a missing or unknown key", async () => {
    const { app } = testApp({ keys: [{ tenant: "acme", sha256 }], corsOrigins: [] });
    addChatRoutes(app, unused);
    const wrong = { type: "invalid_request_error", code: "invalid_api_key", param: null };
    for (const headers of [{}, { authorization: "Bearer wrong" }])
      expect(await errorOf(await post(app, "/v1/chat/completions", REQUEST, headers))).toMatchObject({
        ...{ status: 401, trace_id: TRACE.traceId },
        ...wrong,
      });
    expect(await errorOf(await send(app, "/v1/models"))).toMatchObject({ status: 401, ...wrong });
  });

  it("a caller over its limit", async () => {
    const { app } = testApp();
    const quota = { allowed: false, limit: 3, remaining: 0, resetMs: 4_000 };
    app.use(limitRate({ limiter: { windowMs: 60_000, limit: async () => quota }, onError() {} }));
    addChatRoutes(app, unused);
    const response = await post(app, "/v1/chat/completions", REQUEST);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await errorOf(response)).toMatchObject({ status: 429, type: "requests", code: "rate_limit_exceeded" });
  });

  it.each<[string, number, string | null, string, RequestInit | undefined]>([
    ["another method", 405, "method_not_supported", "/v1/chat/completions", undefined],
    ["another route", 404, "unknown_url", "/v1/embeddings", { method: "POST", body: "{}" }],
    ["another content type", 415, null, "/v1/chat/completions", { method: "POST", body: "{}" }],
  ])("%s", async (_, status, code, path, init) => {
    const { app } = testApp();
    addChatRoutes(app, unused);
    const error = await errorOf(await send(app, path, init));
    expect(error).toMatchObject({ status, code, type: "invalid_request_error", param: null });
  });

  it("a body that is no JSON, or too large", async () => {
    const { app, seen } = testApp();
    addChatRoutes(app, unused);
    for (const [body, status] of [
      ["{", 400],
      [" ".repeat(6 * 1024 * 1024 + 1), 413],
    ] as const)
      expect(await errorOf(await post(app, "/v1/chat/completions", body))).toMatchObject({
        status,
        stage: "validation",
      });
    expect(seen).toMatchObject([{ stage: "validation" }, { stage: "validation" }]);
  });

  it("a failure that nobody expected, of which nothing is said", async () => {
    const { app } = testApp();
    addChatRoutes(app, unused);
    const error = await errorOf(await post(app, "/v1/chat/completions", REQUEST));
    expect(error).toMatchObject({ status: 500, type: "server_error", code: null });
    expect(JSON.stringify(error)).not.toContain("broken");
  });

  it("and those of other routes are not", async () => {
    const { app } = testApp();
    const response = await send(app, "/v1");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("x-request-id")).toBeNull();
  });
});
