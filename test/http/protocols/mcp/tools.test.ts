import { createHash } from "node:crypto";
import Ajv from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { RagError } from "#rag/errors.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";
import { CITATION, mcpWorld } from "./_mcp.ts";

const QUESTION = { question: "When do unused days expire?" };
const call = (name: string, args: object = QUESTION) => ({ name, arguments: args });

test("both tools are listed with the schemas of the HTTP routes, and as what only reads", async () => {
  const { rpc } = mcpWorld();
  const { tools } = (await rpc("tools/list")).result;
  expect(tools.map(({ name }: { name: string }) => name)).toEqual(["search", "ask"]);
  for (const tool of tools) {
    expect(tool.inputSchema.required).toEqual(["question"]);
    expect(Object.keys(tool.inputSchema.properties)).toEqual([
      ...["question", "topic_ids", "top_k", "filter", "min_score"],
    ]);
    expect(tool.inputSchema.properties.top_k).toMatchObject({ minimum: 1, maximum: 50, default: 5 });
    expect(tool.inputSchema.properties.question.description).toBe("The question, in plain words.");
    expect(tool.annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
  }
});

test("ask answers with text for a model and the response of POST /query, which has the announced schema", async () => {
  const { rpc, asked, seen } = mcpWorld();
  const filter = { lang: "en" };
  const args = { ...QUESTION, top_k: 3, topic_ids: [7], filter, min_score: 0.2 };
  const { result } = await rpc("tools/call", call("ask", args));
  expect(result.isError).toBeUndefined();
  expect(result.content).toEqual([
    { type: "text", text: "In March. [1]\n\nSources:\n[1] Leave: rag://documents/handbook%2Fleave.md" },
  ]);
  expect(result.structuredContent).toMatchObject({
    answer: "In March. [1]",
    citations: [{ index: 1, document_id: "handbook/leave.md", text: CITATION.text }],
    usage: { prompt_tokens: 3, completion_tokens: 4 },
  });
  expect(asked[0]?.question).toEqual({
    ...{ question: QUESTION.question, topK: 3, minScore: 0.2 },
    filter: { topicIds: [7], metadata: { lang: ["en"] } },
  });
  const { tools } = (await rpc("tools/list")).result;
  const { outputSchema } = tools.find(({ name }: { name: string }) => name === "ask");
  expect(new Ajv.default({ strict: false }).validate(outputSchema, result.structuredContent)).toBe(true);
  expect(seen[0]?.stage).toBeUndefined();
});

test("search returns passages with the URIs of their documents, and says so when there are none", async () => {
  const { rpc } = mcpWorld();
  const { result } = await rpc("tools/call", call("search"));
  expect(result.content[0].text).toBe(`[1] Leave: rag://documents/handbook%2Fleave.md\n${CITATION.text}`);
  expect(result.structuredContent).toMatchObject({ citations: [{ chunk_id: "c1" }], degraded: [] });
  const { tools } = (await rpc("tools/list")).result;
  const { outputSchema } = tools.find(({ name }: { name: string }) => name === "search");
  expect(new Ajv.default({ strict: false }).validate(outputSchema, result.structuredContent)).toBe(true);

  const timingsMs = { embedding: 0, vector_search: 0, rerank: 0, total: 0 };
  const nothing = mcpWorld({
    search: async () => ({ citations: [], timingsMs, cache: { embedding: false }, degraded: [] }),
  });
  const none = (await nothing.rpc("tools/call", call("search"))).result;
  expect(none.content[0].text).toBe("No passage of the documents is relevant.");
  expect(none.structuredContent.citations).toEqual([]);
});

test("a source's address for people stands beside its URI", async () => {
  const citations = [{ ...CITATION, url: "https://example.com/leave" }];
  const timingsMs = { embedding: 0, vector_search: 0, rerank: 0, total: 0 };
  const { rpc } = mcpWorld({
    search: async () => ({ citations, timingsMs, cache: { embedding: false }, degraded: [] }),
  });
  const { result } = await rpc("tools/call", call("search"));
  expect(result.content[0].text).toContain("rag://documents/handbook%2Fleave.md (https://example.com/leave)");
});

test("invalid arguments are an error that the model can read and put right, and count as invalid", async () => {
  const { rpc, seen, failures } = mcpWorld();
  const { status, result } = await rpc("tools/call", call("ask", { question: " ", top_k: 99, unknown: 1 }));
  expect([status, result.isError, result.structuredContent]).toEqual([200, true, undefined]);
  expect(result.content[0].text.split("\n")).toEqual([
    "Invalid request. The arguments failed validation: see /question, /top_k, /unknown.",
    "/question: must not be blank",
    "/top_k: Too big: expected number to be <=50",
    "/unknown: unknown field",
    expect.stringMatching(/^\(trace [0-9a-f]{32}\)$/),
  ]);
  expect(seen).toMatchObject([{ status: 200, stage: "validation" }]);
  expect(failures).toEqual([]);
  expect((await rpc("tools/call", { name: "ask" })).result.isError).toBe(true);
});

test("an unknown tool is an error of the protocol", async () => {
  const { error } = await mcpWorld().rpc("tools/call", call("delete_everything"));
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("delete_everything") });
});

test("a failed pipeline is a result that says no more than other routes do, and fails the trace", async () => {
  const secret = new Error("http://10.0.0.1 refused sk-secret");
  const failure = new RagError("vector_search", "searching docs", { cause: secret });
  const down = async (): Promise<never> => {
    throw failure;
  };
  const { rpc, seen, failures } = mcpWorld({ search: down, ask: () => Promise.reject(secret) });
  const { result } = await rpc("tools/call", call("search"));
  expect(result.isError).toBe(true);
  expect(result.content[0].text).toContain("Service unavailable. The document store is unavailable.");
  const unexpected = (await rpc("tools/call", call("ask"))).result;
  expect(unexpected.content[0].text).toContain("find this request in the logs by its trace_id");
  expect(JSON.stringify([result, unexpected])).not.toContain("secret");
  expect(failures).toEqual([failure, secret]);
  expect(seen).toMatchObject([{ stage: "vector_search", error: failure }, { error: secret }]);
});

test("when only the language model fails, the passages that were found are in the result", async () => {
  const error = new UnansweredError(new RagError("llm_generation", "answering"), [CITATION], []);
  const { rpc } = mcpWorld({ ask: () => Promise.reject(error) });
  const { result } = await rpc("tools/call", call("ask"));
  expect(result.isError).toBe(true);
  expect(result.content[0].text).toContain(`The documents have these passages:\n[1] Leave: rag://`);
  expect(result.content[0].text).toContain(CITATION.text);
});

test("tools run with the tenant, the topics and the deadline of the request's key", async () => {
  const sha256 = createHash("sha256").update("key-7").digest("hex");
  const access = { keys: [{ tenant: "acme", sha256, topicIds: [7] }], corsOrigins: [] };
  const { rpc, asked, app } = mcpWorld({}, access);
  const authorization = "Bearer key-7";
  await rpc("tools/call", call("ask", { ...QUESTION, topic_ids: [7, 8] }), { authorization });
  await rpc("tools/call", call("search"), { authorization });
  expect(asked).toMatchObject([
    { question: { filter: { topicIds: [7] } }, call: { tenant: "acme", signal: expect.any(AbortSignal) } },
    { question: { filter: { topicIds: [7] } }, call: { tenant: "acme" } },
  ]);
  const refused = await app.request(
    "http://localhost/mcp",
    { method: "POST", body: "{}" },
    { invocation: { requestId: "test", coldStart: false } },
  );
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
});
