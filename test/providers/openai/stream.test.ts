import { describe, expect, it, test, vi } from "vitest";
import type { OpenAIClientOptions } from "#providers/openai/client.ts";
import { createOpenAIGenerator } from "#providers/openai/generator.ts";
import type { Citation, GenerateCall } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";
import type { ChatReply } from "../../support/openai-chat.ts";
import type { Failure, OpenAIServerOptions } from "../../support/openai-server.ts";
import { failureOf, openAI } from "./_openai.ts";

const MODEL = "gpt-4.1-mini";
const SOURCE: Citation = {
  index: 1,
  chunkId: "chunk-1",
  documentId: "birds",
  title: "Birds",
  heading: "",
  text: "The canary sings at dawn.",
  score: 0.9,
};
const PROMPT = buildPrompt("When does the canary sing?", [SOURCE]);

/** A generator that streams from a fake OpenAI server; `emitted` collects the text that it emits. */
async function streaming(options: OpenAIServerOptions, failures: Failure[] = [], client: OpenAIClientOptions = {}) {
  const openai = await openAI(options, client);
  openai.server.failNext("chat", ...failures);
  const generator = createOpenAIGenerator(openai.client, { model: MODEL });
  const emitted: string[] = [];
  const generate = (call: GenerateCall = {}) =>
    generator.generate(PROMPT, { onDelta: (text) => void emitted.push(text), ...call });
  return { ...openai, generator, emitted, generate };
}

/** A response body with these server-sent events. */
function events(...data: (object | string)[]): Failure {
  const text = data.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
  return { kind: "body", text, contentType: "text/event-stream" };
}
const delta = (content: string, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason }],
});

describe("a streamed answer", () => {
  it.each<ChatReply>([
    { content: " It sings at dawn [1], not at noon [7]. \n" },
    { content: "The sources do not say." },
    { content: "At dawn [1]. At night [2, 1", finishReason: "length" },
  ])("is emitted as it arrives, and equals the one that is not streamed: %j", async (says) => {
    const { server, generator, emitted, generate } = await streaming({ chat: () => says });
    const generation = await generate();
    expect(emitted.length).toBeGreaterThan(2);
    expect(emitted.join("")).toBe(generation.text);
    expect(generation).toEqual(await generator.generate(PROMPT));
    const [streamed, whole] = server.requests.map(({ body }) => body);
    expect(streamed).toEqual({ ...whole, stream: true, stream_options: { include_usage: true } });
  });

  it("is emitted before it is complete", async () => {
    const { server, generate } = await streaming({ chat: () => ({ content: "a ".repeat(500) }), tokenDelayMs: 5 });
    const { promise: emitted, resolve: emit } = Promise.withResolvers<string>();
    const generating = generate({ onDelta: emit });
    expect(await emitted).toBe("a");
    await server.close();
    await failureOf(generating);
  });

  it("has 0 tokens and the configured model's name when the service returns neither", async () => {
    const { generate, emitted } = await streaming({}, [events(delta("At dawn ["), delta("1]", "stop"), "[DONE]")]);
    expect(await generate()).toEqual({
      text: "At dawn [1]",
      answered: true,
      promptTokens: 0,
      completionTokens: 0,
      finishReason: "stop",
      model: MODEL,
    });
    expect(emitted).toEqual(["At dawn", " [1]"]);
  });

  it("is complete when it ends with [DONE] and without a finish reason", async () => {
    const { generate, emitted } = await streaming({}, [events(delta("At dawn [1]"), "[DONE]")]);
    expect(await generate()).toMatchObject({ text: "At dawn [1]", answered: true, finishReason: "unknown" });
    expect(emitted.join("")).toBe("At dawn [1]");
  });

  it("counts usage once when a service sends running totals in each chunk", async () => {
    const usage = (completion_tokens: number) => ({ usage: { prompt_tokens: 5, completion_tokens } });
    const chunks = [
      { ...delta("At dawn "), ...usage(2) },
      { ...delta("[1]", "stop"), ...usage(3) },
    ];
    const { generate } = await streaming({}, [events(...chunks, "[DONE]")]);
    expect(await generate()).toMatchObject({ promptTokens: 5, completionTokens: 3 });
  });

  const message = { detail: [{ type: "extra_forbidden", loc: ["body", "stream_options", "include_usage"] }] };
  it.each<[name: string, rejection: Failure]>([
    ["as OpenAI would", { kind: "status", status: 400, error: { message: JSON.stringify(message) } }],
    ["as Mistral does", { kind: "body", status: 422, text: JSON.stringify({ object: "error", message }) }],
  ])(
    "is requested again without usage when a service rejects `stream_options` %s, and so are later ones",
    async (_, rejection) => {
      const { server, generate } = await streaming({}, [rejection, rejection]);
      await Promise.all([generate(), generate()]);
      await generate();
      const withUsage = server.requests.map(({ body }) => "stream_options" in body);
      expect(withUsage.filter((usage) => usage)).toHaveLength(2);
      expect(withUsage.at(-1)).toBe(false);
    },
  );

  it("is requested with usage again when that was not the reason for the rejection", async () => {
    const rejection: Failure = { kind: "body", status: 422, text: "no" };
    const { server, generate } = await streaming({}, [rejection, rejection]);
    await failureOf(generate());
    await generate();
    expect(server.requests.map(({ body }) => "stream_options" in body)).toEqual([true, false, true]);
  });
});

describe("a streamed answer that is declined has `answered: false` and says so", () => {
  it.each<[name: string, says: ChatReply, text: string, emitted: string[]]>([
    ["by the model", { refusal: "I cannot help." }, "I cannot help.", []],
    [
      "by the filter, after some text was emitted",
      { content: "At dawn", finishReason: "content_filter" },
      "The language model's content filter withheld the answer.",
      ["At", " dawn"],
    ],
  ])("%s", async (_, says, text, expected) => {
    const { generate, emitted } = await streaming({ chat: () => says });
    expect(await generate()).toMatchObject({ text, answered: false });
    expect(emitted).toEqual(expected);
  });

  it("by a filter of the prompt", async () => {
    const error = { message: "filtered", code: "content_filter", param: "prompt" };
    const { generate } = await streaming({}, [{ kind: "status", status: 400, error }]);
    expect(await generate()).toMatchObject({ answered: false, finishReason: "content_filter" });
  });
});

test.each<[name: string, failure: Failure, code: string | RegExp | undefined]>([
  ["is reset", { kind: "reset", midBody: true }, undefined],
  ["stalls", { kind: "silence", midBody: true }, "timeout"],
  ["ends without a finish reason", events(delta("It sings")), "cut_stream"],
  ["ends within a chunk", events(delta("It sings"), '{"choices": [{"delta": {"content": "canary'), "malformed_json"],
  // openai 7 parses the incomplete line, openai 6 does not.
  ["ends within a line", { ...events(), text: 'data: {"choices": [{"del' } as Failure, /^(malformed_json|cut_stream)$/],
  ["contains an error", events(delta("It"), { error: { message: "canary", code: "overloaded" } }), "overloaded"],
  ["contains an error without a code", events(delta("It"), { error: "canary" }), "error_in_stream"],
  ["is not an event stream", { kind: "body", text: '{"choices": []}' }, "cut_stream"],
  ["is empty", events(delta(" [9]", "stop"), "[DONE]"), "empty_answer"],
  ["used up its tokens for reasoning", events(delta("", "length"), "[DONE]"), "max_tokens"],
  [
    "is rejected",
    { kind: "status", status: 429, error: { message: "canary", code: "rate_limit_exceeded" } },
    "rate_limit_exceeded",
  ],
  ["is rejected for a parameter", { kind: "status", status: 400, error: { message: "canary", code: "bad" } }, "bad"],
])("a stream that %s is an error that quotes nothing", async (_, failure, code) => {
  const { server, generate } = await streaming({}, [failure], code === "timeout" ? { timeoutMs: 500 } : {});
  const error = await failureOf(generate(), "canary");
  expect(error.code).toEqual(code instanceof RegExp ? expect.stringMatching(code) : code);
  expect(error.message).toMatch(`${MODEL} at 127.0.0.1 `);
  expect(server.requests).toHaveLength(1);
});

describe("aborting the call", () => {
  it.each([
    ["in the middle of a stream", true],
    ["before the response", false],
  ])("%s rejects with the reason and closes the connection", async (_, streamed) => {
    const { server, generator } = await streaming({ chat: () => ({ content: "a ".repeat(500) }), tokenDelayMs: 5 });
    if (!streamed) server.failNext("chat", { kind: "silence" });
    const caller = new AbortController();
    const reason = new Error("gone");
    const stop = () => caller.abort(reason);
    const { signal } = caller;
    const generating = generator.generate(PROMPT, { signal, ...(streamed && { onDelta: stop }) });
    if (!streamed) void vi.waitFor(() => expect(server.requests).toHaveLength(1)).then(stop);
    await expect(generating).rejects.toBe(reason);
    await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
  });

  it("beforehand sends no request", async () => {
    const { server, generate } = await streaming({});
    await expect(generate({ signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow("gone");
    expect(server.requests).toEqual([]);
  });
});
