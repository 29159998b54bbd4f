import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenAIServer, startOpenAIServer } from "../../support/openai-server.ts";
import { runNode } from "./_program.ts";
import { KEY, QUESTION, type Service, startService, withKeys } from "./_service.ts";

const TEXT = "Bees tell it by a waggle dance [1].";

/** Names the number of a question that has one. */
const answerTo = ({ messages }: { messages: { content: string }[] }) => {
  const [number] = messages.at(-1)?.content.match(/\(\d+\)/) ?? [];
  return { content: number === undefined ? TEXT : `${number} [1].` };
};

let openai: OpenAIServer;
let service: Service;
beforeAll(async () => {
  openai = await startOpenAIServer({ dimensions: 256, chat: answerTo });
  const models = { OPENAI_BASE_URL: openai.url, OPENAI_EMBEDDING_DIMENSIONS: "256" };
  service = await startService({ ...models, ...withKeys() });
});
afterAll(async () => {
  await service?.stop();
  await openai?.close();
});

interface Step {
  do: "listTools" | "callTool" | "listResources" | "readResource";
  params?: object;
  /** Milliseconds after which the client disconnects. */
  cut?: number;
}

const ask = (question = QUESTION): Step => ({ do: "callTool", params: { name: "ask", arguments: { question } } });

const CLIENTS = [
  { name: "version 1", version: 1, protocol: "2025-11-25" },
  { name: "version 2", version: 2, protocol: "2026-07-28" },
];

describe.each(CLIENTS)("the client of MCP's SDK, $name", ({ version, protocol }) => {
  async function run(steps: (Step | Step[])[], key: string | undefined = KEY) {
    const target = { version, url: service.url, key, steps };
    return JSON.parse(await runNode([join(import.meta.dirname, "sdk.mjs"), JSON.stringify(target)]));
  }

  it("speaks the newest protocol that it knows, and gets an answer that has the announced schema", async () => {
    const { protocol: spoken, results } = await run([{ do: "listTools" }, ask(), { do: "listResources" }]);
    expect(spoken).toBe(protocol);
    const [list, answer, { resources }] = results;
    expect(list.tools).toHaveLength(2);
    // The client validates it.
    expect(answer.structuredContent).toMatchObject({
      answer: TEXT,
      citations: [{ document_id: "insects/bees.md" }, {}],
    });
    expect(resources).toHaveLength(2);
  });

  it("asks many questions at once, each of which gets its own answer", async () => {
    const questions = Array.from({ length: 20 }, (_, index) => `${QUESTION} (${index})`);
    const { results } = await run([questions.map((question) => ask(question))]);
    expect(
      results[0].map(({ structuredContent }: { structuredContent: { answer: string } }) => structuredContent.answer),
    ).toEqual(questions.map((_, index) => `(${index}) [1].`));
  });

  it("may disconnect while it waits for an answer, and asks again", async () => {
    openai.failAlways("chat", { kind: "slow", ms: 3_000 });
    const { results } = await run([{ ...ask(), cut: 500 }, { do: "listTools" }]);
    openai.failAlways("chat", undefined);
    expect(results[0].error.message).toMatch(/abort|timeout/i);
    expect(results[1].error).toBeUndefined();
    expect((await run([ask()])).results[0].structuredContent.answer).toContain("[1]");
  });

  it("gets the reason as the tool's result when the language model is down", async () => {
    openai.failAlways("chat", { kind: "status", status: 500 });
    const { results } = await run([ask()]);
    openai.failAlways("chat", undefined);
    expect(results[0]).toMatchObject({ isError: true });
    expect(results[0].content[0].text).toContain("The language model is unavailable.");
    expect(results[0].content[0].text).toContain("waggle dance");
  });

  it("throws for a wrong key, an unknown tool and a document that is not there", async () => {
    expect((await run([], "erag_wrong")).error.message).toMatch(/401|[Uu]nauthorized|API key/);
    const { results } = await run([
      { do: "callTool", params: { name: "unknown", arguments: {} } },
      { do: "readResource", params: { uri: "rag://documents/none" } },
    ]);
    expect(results).toMatchObject([{ error: { code: -32602 } }, { error: { code: -32602 } }]);
  });
});
