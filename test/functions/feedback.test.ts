import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFeedbackTokens } from "#quality/feedback-token.ts";
import { attribute } from "../support/otlp.ts";
import { invocation, invoke, type Reply } from "./_lambda.ts";
import { type Recorded, startRecording } from "./_recorded.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const QUESTION = { question: "How do bees tell where flowers are?" };
const BEES = { documents: [{ id: "bees", text: "Bees tell each other where flowers are by a waggle dance." }] };

let recorded: Recorded;
let query: typeof import("../../functions/query.ts");
let post: (path: string, body: unknown, key?: "alice" | "bob") => Promise<Reply>;

beforeAll(async () => {
  const entry = (tenant: string) => `${tenant}:${createHash("sha256").update(`erag_${tenant}`).digest("hex")}`;
  const RAG_API_KEYS = `${entry("alice")},${entry("bob")}`;
  recorded = await startRecording({ RAG_API_KEYS, RAG_FEEDBACK_SECRET: SECRET });
  const embed = await import("../../functions/embed.ts");
  query = await import("../../functions/query.ts");
  post = (path, body, key = "alice") =>
    invoke(path === "/embed" ? embed.handler : query.handler, "POST", path, body, {
      authorization: `Bearer erag_${key}`,
    });
  await post("/embed", BEES);
}, 60_000);
afterAll(() => recorded?.end());

/** An answer's part of a rating. */
async function ask(): Promise<{ trace_id: string; token: string }> {
  const { trace_id, feedback_token: token } = (await post("/query", QUESTION)).body;
  return { trace_id, token };
}

/** How many ratings the collector was told of. */
function counted(rating: string): number {
  return recorded.metrics
    .filter(({ name }) => name === "rag_feedback_total")
    .flatMap(({ sum }) => sum?.dataPoints ?? [])
    .filter((point) => attribute(point, "rating") === rating)
    .reduce((sum, { asInt }) => sum + Number(asInt), 0);
}

const spanNamed = (name: string, traceId: string) =>
  recorded.spans.find((span) => span.name === name && span.traceId === traceId);

it("a rating is counted once, and its span links to that of the answer", async () => {
  const { trace_id, token } = await ask();
  const rated = await post("/feedback", { trace_id, token, rating: -1, comment: "xcanaryx" });
  expect(rated).toMatchObject({ status: 200, body: { trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) } });
  const again = await post("/feedback", { trace_id, token, rating: 1 });
  expect(again).toMatchObject({ status: 409, body: { detail: "This answer has already been rated." } });

  await expect.poll(() => spanNamed("rag.feedback", again.body.trace_id)).toBeDefined();
  await expect.poll(() => [counted("negative"), counted("positive")]).toEqual([1, 0]);
  const span = spanNamed("rag.feedback", rated.body.trace_id);
  expect(span?.links).toMatchObject([{ traceId: trace_id, spanId: spanNamed("rag.query", trace_id)?.spanId }]);
  expect(span && attribute(span, "rag.feedback.rating")).toBe(-1);
  expect(span?.events).toMatchObject([{ name: "gen_ai.evaluation.result" }]);
  expect(span?.events?.[0] && attribute(span.events[0], "gen_ai.evaluation.name")).toBe("user_feedback");
  expect(JSON.stringify(recorded.spans)).not.toContain("xcanaryx");
});

it.each<[which: string, request: (rating: object) => Promise<Reply>, status: number]>([
  ["by another tenant", (rating) => post("/feedback", rating, "bob"), 403],
  ["of another answer", (rating) => post("/feedback", { ...rating, trace_id: `${"0".repeat(31)}1` }), 403],
  ["with a made-up token", (rating) => post("/feedback", { ...rating, token: "A".repeat(84) }), 403],
  ["of 5", (rating) => post("/feedback", { ...rating, rating: 5 }), 400],
  ["with too long a comment", (rating) => post("/feedback", { ...rating, comment: "a".repeat(2001) }), 400],
  ["with a large body", (rating) => post("/feedback", { ...rating, comment: "a".repeat(20_000) }), 413],
])("a rating %s is refused, and the answer can still be rated", async (_, request, status) => {
  const rating = await ask();
  const [negative, positive] = [counted("negative"), counted("positive")];
  expect((await request({ ...rating, rating: -1 })).status).toBe(status);
  expect((await post("/feedback", { ...rating, rating: 1, comment: "é".repeat(2000) })).status).toBe(200);
  // What is counted is sent in order.
  await expect.poll(() => counted("positive")).toBe(positive + 1);
  expect(counted("negative")).toBe(negative);
});

it("a token that has expired is refused", async () => {
  const { sign } = createFeedbackTokens({ secret: SECRET, seconds: 60, now: () => Date.now() - 60_000 });
  const trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const { status, body } = await post("/feedback", {
    trace_id,
    token: sign({ traceId: trace_id }, "alice"),
    rating: 1,
  });
  expect([status, body.detail]).toEqual([403, "The token has expired: the answer can no longer be rated."]);
});

it("a streamed answer, one of OpenAI's protocol and one of MCP can be rated too", async () => {
  const rate = async (trace_id: string, token: string) =>
    (await post("/feedback", { trace_id, token, rating: 1 })).status;
  const streamed = invocation("POST", "/query", { ...QUESTION, stream: true }, { authorization: "Bearer erag_alice" });
  const events = (await query.handler(...streamed)).body ?? "";
  const done = JSON.parse(/event: done\ndata: (.*)/.exec(events)?.[1] ?? "");
  expect(await rate(done.trace_id, done.feedback_token)).toBe(200);

  const messages = [{ role: "user", content: QUESTION.question }];
  const chat = (await post("/v1/chat/completions", { model: "edge-rag", messages })).body;
  expect(await rate(chat.id.replace("chatcmpl-", ""), chat.choices[0].message.feedback_token)).toBe(200);

  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "ask", arguments: QUESTION } };
  const { result } = (await post("/mcp", call)).body;
  expect(result.structuredContent.feedback_token).toBeUndefined();
  expect(await rate(result.structuredContent.trace_id, result._meta.feedback_token)).toBe(200);
});
