import { describe, expect, it, test } from "vitest";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { createOpenAIGenerator, type OpenAIGeneratorOptions } from "#providers/openai/generator.ts";
import type { Citation } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";
import type { ChatReply } from "../../support/openai-chat.ts";
import type { Failure } from "../../support/openai-server.ts";
import { failureOf, KEY, openAI } from "./_openai.ts";

const MODEL = "gpt-4.1-mini";

const citations = ["The canary sings at dawn.", "It sleeps at night."].map(
  (text, position): Citation => ({
    index: position + 1,
    chunkId: `chunk-${position}`,
    documentId: "birds",
    title: "Birds",
    heading: "",
    text,
    score: 0.9,
  }),
);
const PROMPT = buildPrompt("When does the canary sing?", citations);

/** Generates an answer with a model that says this. */
async function generate(says: ChatReply, options: Partial<OpenAIGeneratorOptions> = {}) {
  const { server, client } = await openAI({ chat: () => says });
  const generation = await createOpenAIGenerator(client, { model: MODEL, ...options }).generate(PROMPT);
  return { generation, body: server.requests[0]?.body };
}

/** Generates an answer with a service that fails like this. */
async function failing(...failures: Failure[]) {
  const { server, client } = await openAI();
  server.failNext("chat", ...failures);
  return { server, generating: createOpenAIGenerator(client, { model: MODEL }).generate(PROMPT) };
}

describe("an answer", () => {
  it("is the model's text, with its token usage", async () => {
    const { generation, body } = await generate({ content: " It sings at dawn [1]. \n" });
    const words = (text: string) => text.split(/\s+/).length;
    expect(generation).toEqual({
      text: "It sings at dawn [1].",
      answered: true,
      promptTokens: words(PROMPT.system) + words(PROMPT.user),
      completionTokens: 5,
      finishReason: "stop",
      model: `${MODEL}-2025-04-14`,
    });
    expect(body).toEqual({
      model: MODEL,
      messages: [
        { role: "system", content: PROMPT.system },
        { role: "user", content: PROMPT.user },
      ],
      max_tokens: 1024,
      temperature: 0,
    });
  });

  it("contains no citations of sources that do not exist", async () => {
    const { generation } = await generate({ content: "It sings at dawn [1, 7] and at noon [3]. See `songs[9]`." });
    expect(generation.text).toBe("It sings at dawn [1] and at noon. See `songs[9]`.");
    expect(generation.answered).toBe(true);
  });

  it.each([
    ["cites nothing, as instructed when the sources do not answer", "The sources do not say."],
    ["only cites a source that does not exist", "It sings at noon [3]."],
  ])("that %s has `answered: false`", async (_, content) => {
    const { generation } = await generate({ content });
    expect(generation).toMatchObject({ answered: false, text: content.replace(" [3]", ""), finishReason: "stop" });
  });

  it("that was cut by the token limit ends in an ellipsis, without half a citation", async () => {
    const { generation } = await generate({ content: "At dawn [1]. At night [2, 1", finishReason: "length" });
    expect(generation).toMatchObject({ text: "At dawn [1]. At night …", answered: true, finishReason: "length" });
  });

  it("has the configured model's name and 0 tokens when the service returns neither", async () => {
    const message = { role: "assistant", content: "At dawn [1]." };
    const { generating } = await failing({ kind: "body", text: JSON.stringify({ choices: [{ message }] }) });
    expect(await generating).toEqual({
      text: "At dawn [1].",
      answered: true,
      promptTokens: 0,
      completionTokens: 0,
      finishReason: "unknown",
      model: MODEL,
    });
  });

  it("is not requested without sources", async () => {
    const { server, client } = await openAI();
    const generation = await createOpenAIGenerator(client, { model: MODEL }).generate(buildPrompt("When?", []));
    expect(generation).toMatchObject({ answered: false, text: "The documents do not answer this question." });
    expect(server.requests).toEqual([]);
  });

  it("can be requested with a lone surrogate in the question", async () => {
    const { server, client } = await openAI();
    await createOpenAIGenerator(client, { model: MODEL }).generate(buildPrompt("half \ud83d", citations));
    expect(JSON.stringify(server.requests[0]?.body)).toContain("half \ufffd");
  });
});

describe("an answer that is declined has `answered: false` and says so", () => {
  it.each<[string, ChatReply, string]>([
    ["by the model", { refusal: "I cannot help with that." }, "I cannot help with that."],
    [
      "by the filter",
      { content: "At da", finishReason: "content_filter" },
      "The language model's content filter withheld the answer.",
    ],
  ])("%s", async (_, says, text) => {
    const { generation } = await generate(says);
    expect(generation).toMatchObject({ text, answered: false, finishReason: says.finishReason ?? "stop" });
    expect(generation.promptTokens).toBeGreaterThan(0);
  });

  it("by a filter of the prompt", async () => {
    const error = { message: "filtered", type: null, code: "content_filter", param: "prompt" };
    const { generating } = await failing({ kind: "status", status: 400, error });
    expect(await generating).toEqual({
      text: "The language model's content filter withheld the answer.",
      answered: false,
      promptTokens: 0,
      completionTokens: 0,
      finishReason: "content_filter",
      model: MODEL,
    });
  });
});

describe("the token limit and the temperature", () => {
  const parameters = async (options: Partial<OpenAIGeneratorOptions>) => {
    const { body: { model: _, messages: __, ...rest } = {} } = await generate({ content: "Yes [1]." }, options);
    return rest;
  };

  it.each<[string, Partial<OpenAIGeneratorOptions>, object]>([
    ["are as configured", { maxTokens: 50, temperature: 0.3 }, { max_tokens: 50, temperature: 0.3 }],
    ["suit a reasoning model", { model: "gpt-5-mini" }, { max_completion_tokens: 1024 + 16_384 }],
    ["suit a reasoning model behind a router", { model: "openai/o4-mini" }, { max_completion_tokens: 1024 + 16_384 }],
    [
      "are as configured for a reasoning model, too",
      { model: "o3", temperature: 1 },
      { max_completion_tokens: 1024 + 16_384, temperature: 1 },
    ],
    [
      "suit a model that can do without reasoning",
      { model: "gpt-6-luna" },
      { max_completion_tokens: 1024, temperature: 0, reasoning_effort: "none" },
    ],
    [
      "leave room for the reasoning that is configured",
      { model: "gpt-6-luna", reasoningEffort: "low", maxTokens: 50 },
      { max_completion_tokens: 50 + 8_192, reasoning_effort: "low" },
    ],
    [
      "leave room for the reasoning of a model by any name",
      { model: "deepseek-chat", reasoningEffort: "high" },
      { max_tokens: 1024 + 32_768, temperature: 0, reasoning_effort: "high" },
    ],
    ["suit an open model", { model: "gpt-oss:20b" }, { max_tokens: 1024, temperature: 0 }],
  ])("%s", async (_, options, expected) => {
    expect(await parameters(options)).toEqual(expected);
  });

  it("use max_completion_tokens for OpenAI itself", async () => {
    const { server } = await openAI();
    const client = createOpenAIClient({
      apiKey: KEY,
      fetch: (url, init) => fetch(String(url).replace("https://api.openai.com/v1", server.url), init),
    });
    await createOpenAIGenerator(client, { model: MODEL }).generate(PROMPT);
    expect(server.requests).toMatchObject([{ body: { max_completion_tokens: 1024, temperature: 0 } }]);
    expect(server.requests[0]?.body).not.toHaveProperty("max_tokens");
  });
});

test.each<[name: string, says: ChatReply, code: string]>([
  ["is empty", { content: " \n" }, "empty_answer"],
  ["only has a citation of a source that does not exist", { content: "[9]" }, "empty_answer"],
  ["is a tool call", { content: null, finishReason: "tool_calls" }, "empty_answer"],
  ["used up its tokens for reasoning", { content: "", finishReason: "length" }, "max_tokens"],
])("an answer that %s is an error", async (_, says, code) => {
  const error = await failureOf(generate(says));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(`${MODEL} at 127.0.0.1 `);
});

test.each<[name: string, failure: Failure, code: string | undefined]>([
  ["no choices", { kind: "body", text: '{"choices": []}' }, "unexpected_answer"],
  ["an unexpected body", { kind: "body", text: '{"text": "The canary"}' }, "unexpected_answer"],
  ["an HTML page", { kind: "body", text: "<p>The canary</p>", contentType: "text/html" }, "unexpected_answer"],
  ["a choice without a message", { kind: "body", text: '{"choices": [{}]}' }, "empty_answer"],
  [
    "content parts in place of a text",
    { kind: "body", text: '{"choices": [{"message": {"content": ["canary"]}}]}' },
    "empty_answer",
  ],
  ["malformed JSON", { kind: "body", text: '{"choices": [{"message": "The canary' }, "malformed_json"],
  ["a server error", { kind: "status", status: 500 }, "server_error"],
  ["a connection reset in the body", { kind: "reset", midBody: true }, undefined],
])("%s is an error that quotes nothing", async (_, failure, code) => {
  const { server, generating } = await failing(failure);
  const error = await failureOf(generating, "canary");
  expect(error.code).toBe(code);
  expect(server.requests).toHaveLength(1);
});
