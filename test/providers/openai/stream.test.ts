import { describe, expect, it, test, vi } from "vitest";
import type { OpenAIClientOptions } from "#providers/openai/client.ts";
import { createOpenAIGenerator } from "#providers/openai/generator.ts";
import type { Citation, GenerateCall } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";
import type { ChatSays } from "../../support/openai-chat.ts";
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

/** A generator of a played service, asked for a stream; `told` grows as it tells. */
async function streaming(options: OpenAIServerOptions, failures: Failure[] = [], client: OpenAIClientOptions = {}) {
  const openai = await openAI(options, client);
  openai.server.failNext("chat", ...failures);
  const generator = createOpenAIGenerator(openai.client, { model: MODEL });
  const told: string[] = [];
  const ask = (call: GenerateCall = {}) =>
    generator.generate(PROMPT, { onDelta: (text) => void told.push(text), ...call });
  return { ...openai, generator, told, ask };
}

/** A stream as it is on the wire. */
function events(...data: (object | string)[]): Failure {
  const text = data.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
  return { kind: "body", text, contentType: "text/event-stream" };
}
const delta = (content: string, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason }],
});

describe("a streamed answer", () => {
  it.each<ChatSays>([
    { content: " It sings at dawn [1], not at noon [7]. \n" },
    { content: "The sources do not say." },
    { content: "At dawn [1]. At night [2, 1", finishReason: "length" },
  ])("is told as it comes, and is the same as one in one piece: %j", async (says) => {
    const { server, generator, told, ask } = await streaming({ chat: () => says });
    const generation = await ask();
    expect(told.length).toBeGreaterThan(2);
    expect(told.join("")).toBe(generation.text);
    expect(generation).toEqual(await generator.generate(PROMPT));
    const [streamed, whole] = server.requests.map(({ body }) => body);
    expect(streamed).toEqual({ ...whole, stream: true, stream_options: { include_usage: true } });
  });

  it("is told before it is whole", async () => {
    const { server, ask } = await streaming({ chat: () => ({ content: "a ".repeat(500) }), tokenDelayMs: 5 });
    const { promise: told, resolve: tell } = Promise.withResolvers<string>();
    const generating = ask({ onDelta: tell });
    expect(await told).toBe("a");
    await server.close();
    await failureOf(generating);
  });

  it("has 0 tokens and the model's name as asked for when the service tells neither", async () => {
    const { ask, told } = await streaming({}, [events(delta("At dawn ["), delta("1]", "stop"), "[DONE]")]);
    expect(await ask()).toEqual({
      text: "At dawn [1]",
      answered: true,
      promptTokens: 0,
      completionTokens: 0,
      finishReason: "stop",
      model: MODEL,
    });
    expect(told).toEqual(["At dawn", " [1]"]);
  });

  it("counts what a service counts in each chunk once", async () => {
    const usage = (completion_tokens: number) => ({ usage: { prompt_tokens: 5, completion_tokens } });
    const chunks = [
      { ...delta("At dawn "), ...usage(2) },
      { ...delta("[1]", "stop"), ...usage(3) },
    ];
    const { ask } = await streaming({}, [events(...chunks, "[DONE]")]);
    expect(await ask()).toMatchObject({ promptTokens: 5, completionTokens: 3 });
  });

  const message = { detail: [{ type: "extra_forbidden", loc: ["body", "stream_options", "include_usage"] }] };
  it.each<[name: string, refusal: Failure]>([
    ["as OpenAI would", { kind: "status", status: 400, error: { message: JSON.stringify(message) } }],
    ["as Mistral does", { kind: "body", status: 422, text: JSON.stringify({ object: "error", message }) }],
  ])(
    "comes all the same from a service that refuses, %s, to be asked for its usage, also later",
    async (_, refusal) => {
      const { server, ask } = await streaming({}, [refusal, refusal]);
      await Promise.all([ask(), ask()]);
      await ask();
      const asked = server.requests.map(({ body }) => "stream_options" in body);
      expect(asked.filter((usage) => usage)).toHaveLength(2);
      expect(asked.at(-1)).toBe(false);
    },
  );

  it("is asked for with its usage again when that was not what the service refused", async () => {
    const refusal: Failure = { kind: "body", status: 422, text: "no" };
    const { server, ask } = await streaming({}, [refusal, refusal]);
    await failureOf(ask());
    await ask();
    expect(server.requests.map(({ body }) => "stream_options" in body)).toEqual([true, false, true]);
  });
});

describe("what is declined in a stream is said, and no answer", () => {
  it.each<[name: string, says: ChatSays, text: string, told: string[]]>([
    ["by the model", { refusal: "I cannot help." }, "I cannot help.", []],
    [
      "by the filter, when some is told already",
      { content: "At dawn", finishReason: "content_filter" },
      "The language model's content filter withheld the answer.",
      ["At", " dawn"],
    ],
  ])("%s", async (_, says, text, expected) => {
    const { ask, told } = await streaming({ chat: () => says });
    expect(await ask()).toMatchObject({ text, answered: false });
    expect(told).toEqual(expected);
  });

  it("by a filter before the model", async () => {
    const error = { message: "filtered", code: "content_filter", param: "prompt" };
    const { ask } = await streaming({}, [{ kind: "status", status: 400, error }]);
    expect(await ask()).toMatchObject({ answered: false, finishReason: "content_filter" });
  });
});

test.each<[name: string, failure: Failure, code: string | RegExp | undefined]>([
  ["is reset", { kind: "reset", midBody: true }, undefined],
  ["falls silent", { kind: "silence", midBody: true }, "timeout"],
  ["just ends", events(delta("It sings")), "cut_stream"],
  ["says it is done and is not", events(delta("It sings"), "[DONE]"), "cut_stream"],
  ["ends within a chunk", events(delta("It sings"), '{"choices": [{"delta": {"content": "canary'), "malformed_json"],
  // openai 7 reads what is there of the line, openai 6 does not.
  ["ends within a line", { ...events(), text: 'data: {"choices": [{"del' } as Failure, /^(malformed_json|cut_stream)$/],
  ["has an error in it", events(delta("It"), { error: { message: "canary", code: "overloaded" } }), "overloaded"],
  ["has a nameless error in it", events(delta("It"), { error: "canary" }), "error_in_stream"],
  ["is none", { kind: "body", text: '{"choices": []}' }, "cut_stream"],
  ["is empty", events(delta(" [9]", "stop"), "[DONE]"), "empty_answer"],
  ["was all thinking", events(delta("", "length"), "[DONE]"), "max_tokens"],
  [
    "is refused",
    { kind: "status", status: 429, error: { message: "canary", code: "rate_limit_exceeded" } },
    "rate_limit_exceeded",
  ],
  ["is refused for a parameter", { kind: "status", status: 400, error: { message: "canary", code: "bad" } }, "bad"],
])("a stream that %s is an error that quotes nothing, and no answer", async (_, failure, code) => {
  const { server, ask } = await streaming({}, [failure], code === "timeout" ? { timeoutMs: 500 } : {});
  const error = await failureOf(ask(), "canary");
  expect(error.code).toEqual(code instanceof RegExp ? expect.stringMatching(code) : code);
  expect(error.message).toMatch(`${MODEL} at 127.0.0.1 `);
  expect(server.requests).toHaveLength(1);
});

describe("whoever aborts the call", () => {
  it.each([
    ["in the middle of a stream", true],
    ["before the answer", false],
  ])("%s gets the reason, and the service sees the client go", async (_, streamed) => {
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

  it("beforehand asks nobody", async () => {
    const { server, ask } = await streaming({});
    await expect(ask({ signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow("gone");
    expect(server.requests).toEqual([]);
  });
});
