import { describe, expect, it } from "vitest";
import { createApp } from "#http/app.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import type { Answer } from "#rag/answer.ts";
import { RagError, type Stage } from "#rag/errors.ts";
import type { Question } from "#rag/question.ts";
import { post, send, TRACE, testApp } from "../_app.ts";

const ANSWER: Answer = {
  text: "Set OTEL_ENABLED=false. [1]",
  answered: true,
  highlights: [{ start: 0, end: 3 }],
  citations: [
    {
      index: 1,
      chunkId: "c-1",
      documentId: "docs/OBSERVABILITY.md",
      title: "Observability",
      url: "https://example.org/o",
      heading: "Off",
      text: "Set OTEL_ENABLED=false.",
      score: 0.9,
      similarity: 0.7,
    },
  ],
  usage: { promptTokens: 12, completionTokens: 3, costUsd: 0.0001 },
  timingsMs: { embedding: 1, vector_search: 2, rerank: 3, llm_generation: 4, total: 10 },
  cache: { embedding: true },
  degraded: [],
  model: "test-model",
};

function queryApp(answer: (question: Question) => Promise<Answer> = async () => ANSWER) {
  const asked: Question[] = [];
  const { app, ...rest } = testApp();
  addQueryRoute(app, (question) => {
    asked.push(question);
    return answer(question);
  });
  return { app, asked, ...rest };
}

describe("POST /query", () => {
  it("returns the answer with citations, usage, timings, cache, model and trace id", async () => {
    const response = await post(queryApp().app, "/query", { question: "How?" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      answer: "Set OTEL_ENABLED=false. [1]",
      answered: true,
      highlights: [{ start: 0, end: 3 }],
      citations: [
        {
          index: 1,
          document_id: "docs/OBSERVABILITY.md",
          chunk_id: "c-1",
          title: "Observability",
          url: "https://example.org/o",
          score: 0.9,
          text: "Set OTEL_ENABLED=false.",
        },
      ],
      usage: { prompt_tokens: 12, completion_tokens: 3, cost_usd: 0.0001 },
      timings_ms: { embedding: 1, vector_search: 2, rerank: 3, llm_generation: 4, total: 10 },
      cache: { embedding: true },
      degraded: [],
      model: "test-model",
      trace_id: TRACE.traceId,
    });
  });

  it("has stages and traceparent in server-timing", async () => {
    const response = await post(queryApp().app, "/query", { question: "How?" });
    const timing = response.headers.get("server-timing");
    expect(timing).toContain(`traceparent;desc="${TRACE.traceparent}"`);
    expect(timing).toMatch(/^total;dur=[\d.]+, embedding;dur=1\.0, vector_search;dur=2\.0, rerank;dur=3\.0/);
  });

  it("defaults to five citations and no filter", async () => {
    const { app, asked } = queryApp();
    await post(app, "/query", { question: "How?" });
    expect(asked).toMatchObject([{ question: "How?", topK: 5 }]);
    expect(Object.keys(asked[0] ?? {})).toEqual(["question", "topK"]);
  });

  it("passes topics, filter, min_score and top_k to the pipeline, with single filter values as lists", async () => {
    const { app, asked } = queryApp();
    await post(app, "/query", {
      question: "How?",
      topic_ids: [3],
      top_k: 2,
      filter: { lang: "en", year: [2024, 2025] },
      min_score: 0.5,
      stream: false,
    });
    expect(asked).toMatchObject([
      {
        question: "How?",
        topK: 2,
        filter: { topicIds: [3], metadata: { lang: ["en"], year: [2024, 2025] } },
        minScore: 0.5,
      },
    ]);
  });

  it("passes an empty filter on, so that it matches nothing", async () => {
    const { app, asked } = queryApp();
    await post(app, "/query", { question: "How?", filter: {} });
    await post(app, "/query", { question: "How?", topic_ids: [] });
    expect(asked.map(({ filter }) => filter)).toEqual([{ metadata: {} }, { topicIds: [] }]);
  });

  it("replaces NUL and lone surrogates in a question", async () => {
    const { app, asked } = queryApp();
    await post(app, "/query", '{"question":"a\\u0000b\\ud800c"}');
    expect(asked[0]?.question).toBe("a\uFFFDb\uFFFDc");
  });

  it.each<[string, unknown, { path: string; message: RegExp }[]]>([
    ["no question", {}, [{ path: "/question", message: /must be given, or messages/ }]],
    ["a number as question", { question: 1 }, [{ path: "/question", message: /expected string/ }]],
    ["a blank question", { question: " \n" }, [{ path: "/question", message: /must not be blank/ }]],
    [
      "unknown fields",
      { question: "a", topk: 3, x: 1 },
      [
        { path: "/topk", message: /unknown field/ },
        { path: "/x", message: /unknown field/ },
      ],
    ],
    ["a top_k of 0", { question: "a", top_k: 0 }, [{ path: "/top_k", message: />=1/ }]],
    [
      "a fraction as topic",
      { question: "a", topic_ids: [1, 1.5] },
      [{ path: "/topic_ids/1", message: /expected int/ }],
    ],
    [
      "an object in the filter",
      { question: "a", filter: { "x/y": {} } },
      [{ path: "/filter/x~1y", message: /a string, a number, a boolean/ }],
    ],
    ["a list as body", [], [{ path: "", message: /expected object/ }]],
  ])("returns 400 for %s and names the field", async (_name, body, errors) => {
    const { app, asked, seen } = queryApp();
    const response = await post(app, "/query", body as object);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "urn:edge-rag:problem:invalid-request",
      title: "Invalid request",
      status: 400,
      detail: expect.any(String),
      stage: "validation",
      trace_id: TRACE.traceId,
      errors: errors.map(({ path, message }) => ({ path, message: expect.stringMatching(message) })),
    });
    expect(asked).toEqual([]);
    expect(seen).toMatchObject([{ route: "/query", status: 400, stage: "validation" }]);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, status: number, detail: RegExp]>([
    ["text that is not JSON", "{question", {}, 400, /not valid JSON/],
    ["an empty body", "", {}, 400, /empty/],
    ["a __proto__ key", '{"question":"a","filter":{"__proto__":"x"}}', {}, 400, /__proto__/],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), {}, 400, /not valid UTF-8/],
    ["another content type", "{}", { "content-type": "text/plain" }, 415, /content-type: application\/json/],
    ["a body over 6 MiB", `"${"a".repeat(6 * 1024 * 1024)}"`, {}, 413, /more than 6,291,456 bytes/],
  ])("rejects %s", async (_name, body, headers, status, detail) => {
    const response = await post(queryApp().app, "/query", body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, detail: expect.stringMatching(detail), stage: "validation" });
  });

  it("accepts a charset and a +json type", async () => {
    const { app } = queryApp();
    for (const type of ["application/json; charset=utf-8", "application/ld+json", "APPLICATION/JSON"]) {
      expect((await post(app, "/query", { question: "a" }, { "content-type": type })).status).toBe(200);
    }
  });

  it.each<[Stage, number]>([
    ["embedding", 503],
    ["vector_search", 503],
    ["rerank", 503],
    ["llm_generation", 503],
    ["deadline", 504],
  ])("maps a failed %s stage to %i with that stage, without the internal message", async (stage, status) => {
    const { app, seen } = queryApp(() => Promise.reject(new RagError(stage, "SECRET at host 10.0.0.1")));
    const response = await post(app, "/query", { question: "a" });
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ status, stage, trace_id: TRACE.traceId });
    expect(text).not.toContain("SECRET");
    expect(seen).toMatchObject([{ status, stage }]);
  });

  it("returns 504, not 503, for a stage that had too little time left: its service is not unavailable", async () => {
    const cause = Object.assign(new Error("SECRET"), { code: "deadline_exceeded" });
    const { app } = queryApp(() => Promise.reject(new RagError("vector_search", "searching", { cause })));
    const response = await post(app, "/query", { question: "a" });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({
      title: "Deadline exceeded",
      detail: "The request ran out of time.",
      stage: "deadline",
    });
  });

  it("returns 500 without the message for an unexpected error", async () => {
    const { app } = queryApp(() => Promise.reject(new TypeError("SECRET")));
    const response = await post(app, "/query", { question: "a" });
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain("SECRET");
    expect(JSON.parse(text)).toMatchObject({ type: "urn:edge-rag:problem:internal-error", trace_id: TRACE.traceId });
  });

  it.each(["GET", "PUT", "DELETE", "_OTHER"])(
    "returns a 405 problem that allows POST for the method %s",
    async (method) => {
      const response = await send(queryApp().app, "/query", { method });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
      expect(await response.json()).toMatchObject({
        ...{ status: 405, type: "urn:edge-rag:problem:method-not-allowed" },
        detail: "/query does not support this method, only POST.",
      });
    },
  );

  it("returns a 404 problem for an unknown path", async () => {
    const { app, routes } = queryApp();
    const response = await post(app, "/nope", {});
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: 404, detail: "There is no route POST /nope." });
    expect(routes).toEqual([""]);
  });

  it("returns 504 at the deadline, ends open spans and aborts the pipeline", async () => {
    let expired = 0;
    const expire = () => {
      expired += 1;
    };
    const app = createApp({
      serve: (_request, _invocation, respond) => respond({ ...TRACE, expire }),
      onDone: () => {},
    });
    let signal: AbortSignal | undefined;
    addQueryRoute(app, (_question, call) => {
      signal = call?.signal;
      return new Promise(() => {});
    });
    const body = JSON.stringify({ question: "How?" });
    const request = { method: "POST", headers: { "content-type": "application/json" }, body };
    const response = await app.request("/query", request, {
      invocation: { requestId: "r", coldStart: false, timeLeftMs: 20 },
    });
    expect(response.status).toBe(504);
    expect(response.headers.get("server-timing")).toContain(TRACE.traceparent);
    expect(await response.json()).toMatchObject({ status: 504, stage: "deadline", trace_id: TRACE.traceId });
    expect(expired).toBe(1);
    expect(signal?.aborted).toBe(true);
  });
});
