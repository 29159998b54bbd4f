import { describe, expect, it } from "vitest";
import { chatApp } from "./_chat.ts";

async function questionOf(messages: readonly object[], more: object = {}) {
  const { ask, questions } = chatApp();
  const response = await ask({ messages, ...more });
  expect(response.status, await response.clone().text()).toBe(200);
  return questions[0];
}

async function errorOf(body: object) {
  const { ask, questions } = chatApp();
  const response = await ask(body);
  expect(questions).toEqual([]);
  return { status: response.status, ...((await response.json()) as { error: object }).error };
}

const user = (content: unknown) => ({ role: "user", content });

describe("of a chat", () => {
  it("the last message of the user is the question, and what both said before is its history", async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      user("What do bees do?"),
      { role: "assistant", content: "They dance. [1]" },
      { role: "assistant", content: null, tool_calls: [] },
      { role: "tool", content: "42", tool_call_id: "t" },
      { role: "developer", content: [{ type: "text", text: "In German." }] },
      user([
        { type: "image_url", image_url: {} },
        { type: "text", text: "and" },
        { type: "text", text: "then?" },
      ]),
      user([
        { type: "text", text: "How" },
        { type: "text", text: "long?" },
      ]),
      { role: "assistant", content: "A min" },
    ];
    expect(await questionOf(messages)).toEqual({
      question: "How\nlong?",
      topK: 5,
      history: [
        { role: "user", content: "What do bees do?" },
        { role: "assistant", content: "They dance. [1]" },
        { role: "user", content: "and\nthen?" },
      ],
      instructions: "Be brief.\n\nIn German.",
    });
  });

  it("a lone question has neither history nor instructions nor filter", async () => {
    expect(await questionOf([user("How?")])).toEqual({ question: "How?", topK: 5 });
    expect(await questionOf([{ role: "system", content: " " }, user("How?")])).toEqual({ question: "How?", topK: 5 });
  });

  it("a history of any length is taken, and its end alone goes on", async () => {
    const messages = Array.from({ length: 1_999 }, (_, index) => user(`${index}`));
    expect((await questionOf([...messages, user("How?")]))?.history).toEqual(
      Array.from({ length: 20 }, (_, index) => user(`${1_979 + index}`)),
    );
  });

  it("broken characters are replaced in question, history and instructions", async () => {
    const broken = "a\ud800b\0c";
    expect(await questionOf([{ role: "system", content: broken }, user(broken), user(broken)])).toMatchObject({
      ...{ question: "a\ufffdb\ufffdc", instructions: "a\ufffdb\ufffdc" },
      history: [user("a\ufffdb\ufffdc")],
    });
  });

  it("fields that ask for another wording, unknown ones and null are ignored", async () => {
    const sampling = {
      temperature: 0.2,
      top_p: 1,
      top_k: 40,
      seed: 1,
      stop: ["\n"],
      max_tokens: 5,
      max_completion_tokens: 5,
    };
    const rest = { user: "u", store: false, metadata: { a: "b" }, reasoning_effort: "low", parallel_tool_calls: true };
    const none = {
      stream: null,
      stream_options: null,
      response_format: null,
      n: null,
      tool_choice: null,
      modalities: null,
    };
    const plain = { tools: [{ type: "function", function: { name: "f" } }], tool_choice: "auto", n: 1 };
    for (const more of [sampling, rest, none, plain, { response_format: { type: "text" }, modalities: ["text"] }])
      expect(await questionOf([user("How?")], more)).toEqual({ question: "How?", topK: 5 });
  });
});

describe("what cannot be had is refused, by the name of its parameter:", () => {
  it.each<[string, object]>([
    ["n", { n: 2 }],
    ["tool_choice", { tool_choice: "required" }],
    ["tool_choice", { tool_choice: { type: "function", function: { name: "f" } } }],
    ["function_call", { function_call: { name: "f" } }],
    ["response_format.type", { response_format: { type: "json_schema", json_schema: {} } }],
    ["response_format.type", { response_format: { type: "json_object" } }],
    ["modalities[1]", { modalities: ["text", "audio"] }],
    ["messages[0].content[0].type", { messages: [user([{ type: "input_audio" }, { type: "text", text: "a" }])] }],
    ["messages[1].content", { messages: [user("a"), user(" ")] }],
    ["messages[0].content", { messages: [user(null)] }],
    ["messages[0].content", { messages: [user("x".repeat(4_001))] }],
    ["messages[0].content", { messages: [user(7)] }],
    ["messages[0].role", { messages: [{ role: "robot", content: "a" }] }],
    ["messages", { messages: [{ role: "system", content: "a" }] }],
    ["messages", { messages: [] }],
    ["messages", { messages: Array.from({ length: 2_001 }, () => user("a")) }],
    ["messages", { messages: [{ role: "system", content: "x".repeat(8_001) }, user("a")] }],
    ["model", { model: null }],
    ["stream", { stream: "yes" }],
  ])("%s", async (param, body) => {
    const error = await errorOf(body);
    expect(error).toMatchObject({ status: 400, param, code: null, type: "invalid_request_error", stage: "validation" });
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(new RegExp(`^${param.replaceAll(/[[\].]/g, "\\$&")}: `)),
    );
  });
});
