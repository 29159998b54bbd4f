import { describe, expect, it, test } from "vitest";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";
import type { OpenAIServiceError } from "#providers/openai/error.ts";
import { createOpenAIGenerator, type OpenAIGeneratorOptions } from "#providers/openai/generator.ts";
import type { Citation } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";
import type { Failure, OpenAIServer } from "../../support/openai-server.ts";
import { failureOf, openAI } from "./_openai.ts";
import { REJECTIONS } from "./_rejections.ts";

const SOURCE: Citation = {
  index: 1,
  ...{ chunkId: "c", documentId: "d", title: "Ovens", heading: "", score: 1 },
  text: "The temperature of the canary oven is unknown.",
};
const PROMPT = buildPrompt("What temperature?", [SOURCE]);
/** Answers with a reasoning effort, so that a request has every parameter. */
const MODEL = { model: "my-deployment", reasoningEffort: "low" } as const;
const CHAT_PARAMETERS = ["temperature", "max_tokens", "reasoning_effort", "stream_options"];
const servers = Object.entries(REJECTIONS);

type Body = Record<string, unknown> & { messages: { role: string; content: string }[] };

async function chat(failures: Failure[], options: OpenAIGeneratorOptions = MODEL) {
  const { server, client } = await openAI();
  const rejected: OpenAIServiceError[] = [];
  const generator = createOpenAIGenerator(client, { ...options, onRejected: (error) => rejected.push(error) });
  const generate = (signal?: AbortSignal) =>
    generator.generate(PROMPT, { onDelta: () => {}, ...(signal && { signal }) });
  server.failNext("chat", ...failures);
  return { server, rejected, generate, bodies: () => bodiesOf(server) };
}

function bodiesOf({ requests }: OpenAIServer): Body[] {
  return requests.map(({ body }) => body as Body);
}

describe.each(CHAT_PARAMETERS)("a chat model that rejects %s", (parameter) => {
  it.each(servers)("as %s does is asked again without it, and not asked with it again", async (_, reject) => {
    const { bodies, rejected, generate } = await chat([reject(parameter)]);
    expect(await generate()).toMatchObject({ answered: true });
    await generate();
    expect(bodies().map((body) => parameter in body)).toEqual([true, false, false]);
    const others = CHAT_PARAMETERS.filter((other) => other !== parameter);
    for (const body of bodies()) expect(Object.keys(body)).toEqual(expect.arrayContaining(others));
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.detail).toContain(parameter);
  });
});

describe("a chat model that rejects", () => {
  const unsupported = REJECTIONS.OpenAI as (parameter: string) => Failure;

  it("max_tokens is asked with max_completion_tokens, and with room for reasoning", async () => {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    const { bodies, generate } = await chat([{ kind: "status", status: 400, error: { message } }], { model: "alias" });
    await generate();
    expect(bodies()[0]).toMatchObject({ max_tokens: 1_024 });
    expect(bodies()[1]).toMatchObject({ max_completion_tokens: 1_024 });
    expect(bodies()[1]).not.toHaveProperty("max_tokens");
  });

  it("temperature is taken for one that reasons, and gets tokens for that", async () => {
    const message =
      "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.";
    const error = { message, param: "temperature", code: "unsupported_value" };
    const { bodies, generate } = await chat([{ kind: "status", status: 400, error }], { model: "alias" });
    await generate();
    expect(bodies()[1]).toMatchObject({ max_tokens: 1_024 + 16_384 });
  });

  it("both limits is asked without any", async () => {
    const { bodies, generate } = await chat([unsupported("max_tokens"), unsupported("max_completion_tokens")]);
    await generate();
    expect(Object.keys(bodies()[2] ?? {})).not.toEqual(expect.arrayContaining([expect.stringMatching(/^max_/)]));
    expect(bodies()).toHaveLength(3);
  });

  it("one parameter after the other is asked without all of them", async () => {
    const { bodies, rejected, generate } = await chat(CHAT_PARAMETERS.map(unsupported));
    expect(await generate()).toMatchObject({ answered: true });
    expect(bodies()).toHaveLength(5);
    expect(Object.keys(bodies()[4] ?? {}).toSorted()).toEqual(["max_completion_tokens", "messages", "model", "stream"]);
    expect(rejected).toHaveLength(4);
  });

  it.each([
    [
      "OpenAI",
      {
        message: "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        param: "messages[0].role",
        code: "unsupported_value",
      },
    ],
    ["vLLM with Gemma", { message: "System role not supported", type: "BadRequestError", param: null, code: 400 }],
    ["Gemini with Gemma", { message: "Developer instruction is not enabled for models/gemma-3-27b-it", code: 400 }],
    [
      "LM Studio",
      { message: "Error rendering prompt with jinja template: Only user and assistant roles are supported!" },
    ],
    ["Mistral 7B", { message: "Conversation roles must alternate user/assistant/user/assistant/..." }],
  ])("the system role as %s does gets the instructions in the user's message", async (_, error) => {
    const { bodies, generate } = await chat([{ kind: "status", status: 400, error }]);
    await generate();
    expect(bodies()[1]?.messages).toEqual([{ role: "user", content: `${PROMPT.system}\n\n${PROMPT.user}` }]);
  });

  it.each([
    "litellm.UnsupportedParamsError: O-series models don't support temperature=0. Only temperature=1 is supported.",
    "litellm.UnsupportedParamsError: gpt-5 doesn't support temperature=0 while reasoning is active. Only temperature=1 is supported unless reasoning_effort resolves to 'none'.",
    "`temperature` may only be set to 1 when thinking is enabled.",
    "invalid temperature: only 1 is allowed for this model",
    "temperature is no longer supported",
    "Additional properties are not allowed ('temperature' was unexpected)",
    "'temperature' is not yet supported for this model",
    "temperature: Input should be equal to 1",
    "Unknown parameter: 'temperature'.",
  ])("temperature by this message is asked without it: %s", async (message) => {
    const { bodies, generate } = await chat([{ kind: "status", status: 400, error: { message } }]);
    await generate();
    expect(bodies().map((body) => "temperature" in body)).toEqual([true, false]);
  });

  it("reasoning as Ollama does is asked without an effort", async () => {
    const error = { message: '"llama3.2" does not support thinking', type: "api_error" };
    const { bodies, generate } = await chat([{ kind: "status", status: 400, error }]);
    await generate();
    expect(bodies()[1]).not.toHaveProperty("reasoning_effort");
  });

  it("a parameter that was left out already fails with the second rejection", async () => {
    const { bodies, rejected, generate } = await chat([unsupported("temperature"), unsupported("temperature")]);
    expect(await failureOf(generate())).toMatchObject({ status: 400, code: "unsupported_parameter" });
    expect(bodies()).toHaveLength(2);
    await generate();
    expect(bodies().map((body) => "temperature" in body)).toEqual([true, false, true]);
    expect(rejected).toEqual([]);
  });

  it("one parameter is not asked again once the caller has no more time", async () => {
    const { server, bodies, generate } = await chat([]);
    server.failAlways("chat", unsupported("temperature"));
    const caller = new AbortController();
    const reason = new Error("out of time");
    server.failNext("chat", { kind: "slow", ms: 50 });
    const generating = generate(caller.signal);
    caller.abort(reason);
    await expect(generating).rejects.toBe(reason);
    expect(bodies().length).toBeLessThanOrEqual(1);
  });
});

describe("a request is not sent again", () => {
  it.each<[name: string, status: number, error: object]>([
    [
      "when the prompt is too long",
      400,
      {
        message:
          "This model's maximum context length is 4096 tokens. However, you requested 4500 tokens, max_tokens included, which is not supported.",
        param: "messages",
        code: "context_length_exceeded",
      },
    ],
    [
      "when the prompt is too long and no code says so",
      400,
      { message: "maximum context length exceeded: temperature unsupported" },
    ],
    [
      "when a part that is needed is invalid",
      400,
      { message: "Invalid 'messages[1].content': unknown temperature", param: "messages[1].content" },
    ],
    ["when the message names a parameter and does not reject it", 400, { message: "What temperature?" }],
    ["when the key is wrong", 401, { message: "temperature is not supported", param: "temperature" }],
    ["when the service failed", 500, { message: "temperature is not supported", param: "temperature" }],
    ["when the model is unknown", 404, { message: "temperature is not supported", param: "temperature" }],
  ])("%s", async (_, status, error) => {
    const { bodies, generate } = await chat([{ kind: "status", status, error: { message: "", ...error } }]);
    expect(await failureOf(generate())).toMatchObject({ status });
    expect(bodies()).toHaveLength(1);
  });
});

describe.each(["encoding_format", "dimensions"])("an embedding model that rejects %s", (parameter) => {
  it.each(servers)("as %s does is asked again without it, and not asked with it again", async (_, reject) => {
    const { server, client } = await openAI({ dimensions: 64 });
    const rejected: unknown[] = [];
    const onRejected = (error: unknown) => rejected.push(error);
    const options = { model: "text-embedding-3-small", dimensions: 64, onRejected };
    server.failNext("embeddings", reject(parameter));
    const embedder = createOpenAIEmbedder(client, options);
    expect((await embedder.embed(["a"])).vectors).toHaveLength(1);
    await embedder.embed(["b"]);
    expect(server.requests.map(({ body }) => parameter in body)).toEqual([true, false, false]);
    expect(rejected).toHaveLength(1);
  });
});

test("what a server says is kept for the log, without the texts that it was sent", async () => {
  const message = "The canary oven is over capacity: model my-deployment is overloaded";
  const { generate } = await chat([{ kind: "status", status: 503, error: { message } }]);
  const error = await failureOf(generate(), "canary", "capacity");
  expect(error.detail).toBe("The … is over capacity: model my-deployment is overloaded");
});
