import { describe, expect, it, vi } from "vitest";
import { createStructuredReplies, type StructuredReplyOptions } from "#providers/openai/structured-replies.ts";
import type { ChatReply } from "../../support/openai-chat.ts";
import type { Failure, OpenAIServerOptions } from "../../support/openai-server.ts";
import { failureOf, openAI } from "./_openai.ts";

const MODEL = "gpt-4.1-mini";
const SCHEMA = { type: "object", properties: { n: { type: "number" } }, required: ["n"], additionalProperties: false };
const PROMPT = { system: "Count.", user: "two canaries" };

async function asking(options: OpenAIServerOptions = {}, replying: Partial<StructuredReplyOptions> = {}) {
  const { server, client } = await openAI(options);
  const ask = createStructuredReplies(client, {
    model: MODEL,
    maxTokens: 50,
    ...replying,
  });
  return {
    server,
    ask: (signal?: AbortSignal) => ask(PROMPT, { name: "count", schema: SCHEMA }, signal ? { signal } : {}),
  };
}

const saying = (reply: ChatReply, replying: Partial<StructuredReplyOptions> = {}) =>
  asking({ chat: () => reply }, replying);

describe("a structured reply", () => {
  it("is asked for with the schema, strictly, at temperature 0, and has its token usage", async () => {
    const { server, ask } = await saying({ content: '{"n": 2}' });
    expect(await ask()).toEqual({
      ...{ text: '{"n": 2}', promptTokens: 3, completionTokens: 2, model: `${MODEL}-2025-04-14` },
    });
    expect(server.requests.map(({ body }) => body)).toEqual([
      {
        model: MODEL,
        messages: [
          { role: "system", content: PROMPT.system },
          { role: "user", content: PROMPT.user },
        ],
        max_tokens: 50,
        temperature: 0,
        response_format: { type: "json_schema", json_schema: { name: "count", strict: true, schema: SCHEMA } },
      },
    ]);
  });

  it("has the cost that the service reports", async () => {
    const whole = (completion: object) => ({
      ...completion,
      usage: { prompt_tokens: 3, completion_tokens: 2, cost: 0.5 },
    });
    const { ask } = await asking({ chat: () => ({ content: "{}" }), chatQuirk: { whole } });
    expect(await ask()).toMatchObject({ costUsd: 0.5 });
  });

  it("leaves out what the model thinks, and leaves tokens for it from then on", async () => {
    const { server, ask } = await saying({ content: '<think>{"n": 9}</think>{"n": 2}' });
    expect((await ask()).text).toBe('{"n": 2}');
    await ask();
    expect(server.requests[0]?.body.max_tokens).toBe(50);
    expect(Number(server.requests[1]?.body.max_tokens)).toBeGreaterThan(10_000);
  });

  it("lets a model that reasons reason little", async () => {
    const { server, ask } = await saying({ content: "{}" }, { model: "gpt-6-luna", reasoningEffort: "high" });
    await ask();
    expect(server.requests[0]?.body.reasoning_effort).toBe("low");
  });

  it.each([
    "'response_format' of type 'json_schema' is not supported with this model",
    "This response_format type is unavailable now",
    "json_schema is not supported by this server",
  ])("is asked for without the schema once a server said: %s", async (message) => {
    const onRejected = vi.fn();
    const { server, ask } = await saying({ content: "{}" }, { onRejected });
    server.failNext("chat", { kind: "status", status: 400, error: { message, type: "invalid_request_error" } });
    await ask();
    await ask();
    expect(server.requests.map(({ body }) => Object.hasOwn(body, "response_format"))).toEqual([true, false, false]);
    expect(onRejected).toHaveBeenCalledOnce();
  });

  it.each<[string, ChatReply, string]>([
    ["a refusal", { content: null, refusal: "No." }, ""],
    ["cut", { content: '{"n":', finishReason: "length" }, '{"n":'],
  ])("is what the model said when it is %s, with what it cost", async (_, reply, text) => {
    const { ask } = await saying(reply);
    expect(await ask()).toMatchObject({ text, promptTokens: 3 });
  });

  it.each<[string, Failure, object]>([
    ["a status", { kind: "status", status: 503 }, { status: 503 }],
    ["no JSON", { kind: "body", text: "<html>" }, { code: "malformed_json" }],
    ["another shape", { kind: "body", text: '{"canary":1}' }, { code: "unexpected_answer" }],
  ])("fails with the service's %s, and is asked for once", async (_, failure, error) => {
    const { server, ask } = await asking();
    server.failNext("chat", failure);
    expect(await failureOf(ask(), "canar")).toMatchObject(error);
    expect(server.requests).toHaveLength(1);
  });

  it("is aborted with its caller", async () => {
    const { server, ask } = await asking();
    server.failNext("chat", { kind: "slow", ms: 10_000 });
    const caller = new AbortController();
    const reply = ask(caller.signal);
    const left = new Error("left");
    caller.abort(left);
    await expect(reply).rejects.toBe(left);
  });
});
