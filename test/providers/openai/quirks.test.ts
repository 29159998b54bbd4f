import { describe, expect, it, test } from "vitest";
import { createOpenAIGenerator } from "#providers/openai/generator.ts";
import type { Citation } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";
import { CHAT_FAILURES, CHAT_QUIRKS, type ChatQuirk } from "../../support/openai-quirks.ts";
import { failureOf, openAI } from "./_openai.ts";

const SOURCE: Citation = {
  index: 1,
  ...{ chunkId: "c", documentId: "d", title: "Birds", heading: "", score: 1 },
  text: "The canary sings at dawn.",
};
const PROMPT = buildPrompt("When does the canary sing?", [SOURCE]);
const ANSWER = "It sings at dawn [1], not at noon.";
const COSTS: Record<string, number> = {
  "cost in the usage (OpenRouter)": 0.00125,
  "cost with a key of one's own (OpenRouter)": 0.00125,
  "cost in a header (LiteLLM)": 0.00125,
};

async function model(chatQuirk: ChatQuirk, content = ANSWER) {
  const { server, client } = await openAI({ chat: () => ({ content }), chatQuirk });
  const generator = createOpenAIGenerator(client, { model: "some-model" });
  async function stream() {
    const emitted: string[] = [];
    const generation = await generator.generate(PROMPT, { onDelta: (text) => void emitted.push(text) });
    return { generation, emitted: emitted.join("") };
  }
  return { server, stream, whole: () => generator.generate(PROMPT) };
}

describe("an answer is complete, and the same streamed or not, of a server with", () => {
  it.each(Object.entries(CHAT_QUIRKS))("%s", async (name, quirk) => {
    const { stream, whole } = await model(quirk);
    const { generation, emitted } = await stream();
    expect(emitted).toBe(ANSWER);
    const cost = COSTS[name];
    const expected = { text: ANSWER, answered: true, completionTokens: expect.any(Number) };
    for (const result of [generation, await whole(), (await stream()).generation]) {
      expect(result).toMatchObject(expected);
      expect(result.costUsd).toBe(cost);
      expect(result.promptTokens).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("there is an error, streamed or not, and nothing is emitted, of a server with", () => {
  it.each(Object.entries(CHAT_FAILURES))("%s", async (_, [quirk, code]) => {
    const { stream, whole } = await model(quirk);
    expect((await failureOf(whole())).code).toBe(code);
    expect((await failureOf(stream())).code).toBe(code);
  });
});

describe("thinking", () => {
  const closedOnly = "They ask about birds. Is it [1]?\n</think>\n\nIt sings at dawn [1].";

  it("that only a closing tag ends is not in the answer", async () => {
    const { whole } = await model({}, closedOnly);
    expect(await whole()).toMatchObject({ text: "It sings at dawn [1]." });
  });

  it("that only a closing tag ends is emitted at most once: the answer is without it, and the next stream too", async () => {
    const { stream } = await model({}, closedOnly);
    const first = await stream();
    expect(first.generation.text).toBe("It sings at dawn [1].");
    expect(first.emitted).toContain("They ask about birds.");
    expect(await stream()).toMatchObject({ emitted: "It sings at dawn [1]." });
  });

  it("makes later requests leave tokens for it", async () => {
    const { server, whole } = await model(CHAT_QUIRKS["thinking in <think> (Qwen)"] ?? {});
    await whole();
    await whole();
    expect(server.requests.map(({ body }) => body.max_tokens)).toEqual([1_024, 1_024 + 16_384]);
  });

  it("that used up the tokens fails with the settings to change", async () => {
    const { client } = await openAI({ chat: () => ({ content: "<think>Hm, hm", finishReason: "length" }) });
    const error = await failureOf(createOpenAIGenerator(client, { model: "m" }).generate(PROMPT), "Hm");
    expect(error).toMatchObject({ code: "max_tokens" });
    // The message is not logged, the detail is.
    for (const text of [error.message, error.detail])
      expect(text).toMatch(/OPENAI_REASONING_EFFORT.*OPENAI_MAX_OUTPUT/);
  });
});

test("an error after the first piece of an answer is not taken for a rejected parameter", async () => {
  const chunk = { choices: [{ index: 0, delta: { content: "It sings" } }] };
  const error = { error: { message: "temperature is not supported", code: 400, param: "temperature" } };
  const { server, stream } = await model({ chunks: () => [chunk, error] });
  expect(await failureOf(stream())).toMatchObject({ status: undefined });
  expect(server.requests).toHaveLength(1);
});

test("what a server says in the middle of an answer is kept for the log without the answer", async () => {
  const chunk = { choices: [{ index: 0, delta: { content: "A nightin" } }] };
  const next = { choices: [{ index: 0, delta: { content: "gale" } }] };
  const error = { error: { message: "Cannot parse nightingale as JSON" } };
  const { stream } = await model({ chunks: () => [chunk, next, error] });
  expect((await failureOf(stream(), "nightingale")).detail).toBe("Cannot parse … as JSON");
});
