import { describe, expect, it } from "vitest";
import { addQueryRoute } from "#http/routes/query.ts";
import type { Answer, AnswerCall } from "#rag/answer.ts";
import { RagError } from "#rag/errors.ts";
import type { Question } from "#rag/question.ts";
import { post, testApp } from "../_app.ts";

const ANSWER: Answer = {
  text: "Set it to 0. [1]",
  rewrittenQuestion: "How do I turn the answer cache off?",
  answered: true,
  citations: [],
  usage: { promptTokens: 12, completionTokens: 3 },
  timingsMs: { query_rewrite: 5, embedding: 1, vector_search: 2, rerank: 3, llm_generation: 4, total: 15 },
  cache: { embedding: true },
  degraded: [],
  model: "test-model",
};

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const MESSAGES = [user("How do I turn the answer cache on?"), assistant("With ANSWER_CACHE. [1]"), user("and off?")];

function queryApp() {
  const asked: Question[] = [];
  const { app, ...rest } = testApp();
  addQueryRoute(app, async (question: Question, call?: AnswerCall) => {
    asked.push(question);
    const error = new RagError("query_rewrite", "down");
    call?.onCitations?.([], [{ stage: "query_rewrite", error }], ANSWER.rewrittenQuestion);
    return ANSWER;
  });
  return { app, asked, ...rest };
}

describe("POST /query with messages", () => {
  it("asks the last message, with those before it as its history", async () => {
    const { app, asked } = queryApp();
    const response = await post(app, "/query", { messages: MESSAGES, top_k: 2, topic_ids: [7] });
    expect(response.status).toBe(200);
    expect(asked).toEqual([
      { question: "and off?", history: MESSAGES.slice(0, -1), topK: 2, filter: { topicIds: [7] } },
    ]);
  });

  it("returns the question that was answered, and the time that rewriting took", async () => {
    const response = await post(queryApp().app, "/query", { messages: MESSAGES });
    expect(response.headers.get("server-timing")).toContain("query_rewrite;dur=5.0");
    expect(await response.json()).toMatchObject({
      answer: "Set it to 0. [1]",
      rewritten_question: "How do I turn the answer cache off?",
      timings_ms: { query_rewrite: 5 },
    });
  });

  it("streams the question that was answered with the citations, and at the end", async () => {
    const response = await post(queryApp().app, "/query", { messages: MESSAGES, stream: true });
    const events = (await response.text()).trim().split("\n\n");
    const data = events.map((event) => JSON.parse(event.slice(event.indexOf("data: ") + 6)));
    expect(data.map(({ rewritten_question }) => rewritten_question)).toEqual(
      Array(2).fill("How do I turn the answer cache off?"),
    );
    expect(data[0].degraded).toEqual(["query_rewrite"]);
  });

  it("has no history when there is one message", async () => {
    const { app, asked } = queryApp();
    await post(app, "/query", { messages: [user("How?")] });
    expect(asked).toEqual([{ question: "How?", topK: 5 }]);
  });

  it("replaces NUL and lone surrogates in every message", async () => {
    const { app, asked } = queryApp();
    const messages = '[{"role":"assistant","content":"\\ud800a"},{"role":"user","content":"b\\u0000"}]';
    await post(app, "/query", `{"messages":${messages}}`);
    expect(asked).toMatchObject([{ question: "b\uFFFD", history: [assistant("\uFFFDa")] }]);
  });

  const many = (count: number, content: string) => Array.from({ length: count }, () => user(content));
  it.each<[string, object, { path: string; message: RegExp }[]]>([
    ["neither a question nor messages", {}, [{ path: "/question", message: /must be given, or messages/ }]],
    [
      "both",
      { question: "a", messages: MESSAGES },
      [{ path: "/question", message: /must not be given together with messages/ }],
    ],
    ["no message", { messages: [] }, [{ path: "/messages", message: />=1/ }]],
    ["101 messages", { messages: many(101, "a") }, [{ path: "/messages", message: /at most 100 items/ }]],
    [
      "a system message",
      { messages: [{ role: "system", content: "Be brief." }, user("a")] },
      [{ path: "/messages/0/role", message: /must be "user" or "assistant"; .* POST \/v1\/chat\/completions/ }],
    ],
    [
      "an answer as last message",
      { messages: [user("a"), assistant("b")] },
      [{ path: "/messages/1/role", message: /must be "user": the last message is the question/ }],
    ],
    [
      "a blank question",
      { messages: [user("a"), user(" \n")] },
      [{ path: "/messages/1/content", message: /must not be blank/ }],
    ],
    [
      "a long question",
      { messages: [user("a".repeat(5_000)), user("b".repeat(4_001))] },
      [{ path: "/messages/1/content", message: /at most 4000 characters/ }],
    ],
    [
      "a message that is too long",
      { messages: [assistant("a".repeat(20_001)), user("b")] },
      [{ path: "/messages/0/content", message: /<=20000 characters/ }],
    ],
    [
      "messages that are too long together",
      { messages: many(100, "a".repeat(1_001)) },
      [{ path: "/messages", message: /at most 100000 characters in all; they have 100100: leave out the oldest/ }],
    ],
    [
      "content in parts",
      { messages: [{ role: "user", content: [{ type: "text", text: "a" }] }] },
      [{ path: "/messages/0/content", message: /expected string/ }],
    ],
    ["another field", { messages: [{ ...user("a"), name: "b" }] }, [{ path: "/messages/0/name", message: /unknown/ }]],
  ])("returns 400 for %s and names the field", async (_name, body, errors) => {
    const { app, asked, seen } = queryApp();
    const response = await post(app, "/query", body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      stage: "validation",
      errors: errors.map(({ path, message }) => ({ path, message: expect.stringMatching(message) })),
    });
    expect(asked).toEqual([]);
    expect(seen).toMatchObject([{ route: "/query", status: 400, stage: "validation" }]);
  });
});
