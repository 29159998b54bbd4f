import { describe, expect, it } from "vitest";
import { addSearchRoute } from "#http/routes/search.ts";
import { RagError } from "#rag/errors.ts";
import type { Call } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import type { SearchDocuments, SearchResult } from "#rag/search.ts";
import { post, TRACE, testApp } from "../_app.ts";

const RESULT: SearchResult = {
  citations: [
    {
      ...{ index: 1, documentId: "d", chunkId: "c", title: "T", url: "https://e.org/", heading: "H" },
      ...{ text: "text", score: 0.5, similarity: 0.4 },
    },
  ],
  timingsMs: { embedding: 1, vector_search: 2, rerank: 3, total: 6 },
  cache: { embedding: true },
  degraded: [{ stage: "rerank", error: new RagError("rerank", "SECRET") }],
};

function searchApp(search: SearchDocuments = async () => RESULT) {
  const questions: Question[] = [];
  const calls: (Call | undefined)[] = [];
  const { app, seen, routes } = testApp();
  addSearchRoute(app, (question, call) => {
    questions.push(question);
    calls.push(call);
    return search(question, call);
  });
  return { app, questions, calls, seen, routes };
}

describe("POST /search", () => {
  it("responds with citations, timings, and what was skipped; with no answer and no tokens", async () => {
    const { app, routes } = searchApp();
    const response = await post(app, "/search", { question: "Why?" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      citations: [
        {
          ...{ index: 1, document_id: "d", chunk_id: "c", title: "T", url: "https://e.org/", score: 0.5, text: "text" },
        },
      ],
      timings_ms: { embedding: 1, vector_search: 2, rerank: 3, total: 6 },
      cache: { embedding: true },
      degraded: ["rerank"],
      trace_id: TRACE.traceId,
    });
    expect(response.headers.get("server-timing")).toMatch(
      /^total;dur=[\d.]+, embedding;dur=1.0, vector_search;dur=2.0/,
    );
    expect(routes).toEqual(["/search"]);
  });

  it("takes the fields of a query", async () => {
    const { app, questions, calls } = searchApp();
    const filter = { lang: "en", year: [2020, 2021] };
    await post(app, "/search", { question: "Why?\u0000", top_k: 3, topic_ids: [7], filter, min_score: 0.2 });
    await post(app, "/search", { question: "Why?" });
    expect(questions).toEqual([
      {
        ...{ question: "Why?\ufffd", topK: 3, minScore: 0.2 },
        filter: { topicIds: [7], metadata: { lang: ["en"], year: [2020, 2021] } },
      },
      { question: "Why?", topK: 5 },
    ]);
    expect(calls[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it.each([
    ["no question", {}, "/question"],
    ["a blank question", { question: " " }, "/question"],
    ["stream, which only a query has", { question: "Why?", stream: true }, "/stream"],
    ["too many citations", { question: "Why?", top_k: 51 }, "/top_k"],
  ])("refuses %s", async (_, body, path) => {
    const { app, questions } = searchApp();
    const response = await post(app, "/search", body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ stage: "validation", errors: [{ path }] });
    expect(questions).toEqual([]);
  });

  it("is 503 with the stage when the store fails, and 405 for another method", async () => {
    const { app, seen } = searchApp(() => Promise.reject(new RagError("vector_search", "SECRET")));
    const response = await post(app, "/search", { question: "Why?" });
    expect(response.status).toBe(503);
    const problem = await response.json();
    expect(problem).toMatchObject({ stage: "vector_search", detail: "The document store is unavailable." });
    expect(JSON.stringify(problem)).not.toContain("SECRET");
    expect(seen).toMatchObject([{ route: "/search", status: 503, stage: "vector_search" }]);
    const got = await app.request("http://localhost/search", {}, { invocation: { requestId: "r", coldStart: false } });
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
  });
});
