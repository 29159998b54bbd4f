import { describe, expect, it } from "vitest";
import { createOpenAIRewriter, type OpenAIRewriterOptions } from "#providers/openai/query-rewriter.ts";
import type { Message } from "#rag/query-rewriter.ts";
import { buildRewritePrompt } from "#rag/rewrite-prompt.ts";
import type { ChatReply } from "../../support/openai-chat.ts";
import type { Failure, OpenAIServerOptions } from "../../support/openai-server.ts";
import { failureOf, openAI } from "./_openai.ts";

const MODEL = "gpt-4.1-mini";
const QUESTION = "and when does the canary sleep?";
const HISTORY: Message[] = [
  { role: "user", content: "When does the canary sing?" },
  { role: "assistant", content: "It sings at dawn. [1]" },
];
const PROMPT = buildRewritePrompt(QUESTION, HISTORY);

async function rewriterOf(options: OpenAIServerOptions = {}, rewriting: Partial<OpenAIRewriterOptions> = {}) {
  const { server, client } = await openAI(options);
  const rewriter = createOpenAIRewriter(client, { model: MODEL, ...rewriting });
  return { server, rewrite: () => rewriter.rewrite(QUESTION, HISTORY), rewriter };
}

const saying = (reply: ChatReply, rewriting: Partial<OpenAIRewriterOptions> = {}) =>
  rewriterOf({ chat: () => reply }, rewriting);

describe("a rewriting with a chat model", () => {
  it("asks briefly, at temperature 0, and returns the question with its token usage", async () => {
    const { server, rewrite, rewriter } = await saying({ content: "When does the canary sleep?\n" });
    const words = (text: string) => text.split(/\s+/).length;
    expect(await rewrite()).toEqual({
      question: "When does the canary sleep?",
      promptTokens: words(PROMPT.system) + words(PROMPT.user),
      completionTokens: 5,
      finishReason: "stop",
      model: `${MODEL}-2025-04-14`,
    });
    expect(server.requests.map(({ body }) => body)).toEqual([
      {
        model: MODEL,
        messages: [
          { role: "system", content: PROMPT.system },
          { role: "user", content: PROMPT.user },
        ],
        max_tokens: 512,
        temperature: 0,
      },
    ]);
    expect(rewriter).toMatchObject({ model: MODEL, address: "127.0.0.1" });
  });

  it("has the cost that the service reports", async () => {
    const whole = (completion: object) => ({
      ...completion,
      usage: { prompt_tokens: 3, completion_tokens: 2, cost: 0.5 },
    });
    const { rewrite } = await rewriterOf({ chat: () => ({ content: "When?" }), chatQuirk: { whole } });
    expect(await rewrite()).toMatchObject({ promptTokens: 3, completionTokens: 2, costUsd: 0.5 });
  });

  it("leaves out what the model thinks", async () => {
    const { rewrite } = await saying({ content: "<think>It is a canary.</think>When does the canary sleep?" });
    expect((await rewrite()).question).toBe("When does the canary sleep?");
  });

  it.each<[string, OpenAIRewriterOptions["reasoningEffort"], string | undefined]>([
    ["gpt-6-luna", undefined, "none"],
    ["gpt-6-luna", "high", "low"],
    ["gpt-6-luna", "minimal", "minimal"],
    ["o3", undefined, "low"],
    ["llama3.2", undefined, undefined],
  ])("lets %s, configured with effort %s for answers, reason with effort %s", async (model, configured, sent) => {
    const { server, rewrite } = await saying(
      { content: "When?" },
      { model, ...(configured && { reasoningEffort: configured }) },
    );
    await rewrite();
    expect(server.requests[0]?.body.reasoning_effort).toBe(sent);
  });

  it("leaves tokens for reasoning once the model was seen to reason", async () => {
    const { server, rewrite } = await saying({ content: "<think>Hm.</think>When?" });
    await rewrite();
    await rewrite();
    const limits = server.requests.map(({ body }) => Number(body.max_tokens));
    expect(limits[0]).toBe(512);
    expect(limits[1]).toBeGreaterThan(10_000);
  });

  it.each<[string, ChatReply, string]>([
    ["is empty", { content: " \n" }, "unexpected_answer"],
    ["is an essay", { content: "Canaries sleep. ".repeat(200) }, "unexpected_answer"],
    ["is cut by the token limit", { content: "When does the", finishReason: "length" }, "max_tokens"],
    ["is a refusal", { content: null, refusal: "No canaries." }, "refused"],
    ["is withheld by a filter", { content: "When", finishReason: "content_filter" }, "refused"],
  ])("fails when the reply %s", async (_, reply, code) => {
    const { rewrite } = await saying(reply);
    expect(await failureOf(rewrite(), "canar")).toMatchObject({ code });
  });

  it.each<[string, Failure, object]>([
    ["a status", { kind: "status", status: 503 }, { status: 503 }],
    ["no JSON", { kind: "body", text: "<html>" }, { code: "malformed_json" }],
    ["another shape", { kind: "body", text: '{"canary":1}' }, { code: "unexpected_answer" }],
  ])("fails with the service's %s", async (_, failure, error) => {
    const { server, rewrite } = await rewriterOf();
    server.failNext("chat", failure);
    expect(await failureOf(rewrite(), "canary")).toMatchObject(error);
  });

  it("is aborted with its caller", async () => {
    const { server, client } = await openAI();
    server.failNext("chat", { kind: "slow", ms: 10_000 });
    const caller = new AbortController();
    const rewriting = createOpenAIRewriter(client, { model: MODEL }).rewrite(QUESTION, HISTORY, {
      signal: caller.signal,
    });
    const left = new Error("left");
    caller.abort(left);
    await expect(rewriting).rejects.toBe(left);
  });
});
