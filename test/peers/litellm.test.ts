import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import type { Server } from "../support/server-process.ts";
import { type RunningApp, startApp } from "./_app.ts";
import { startPeer } from "./_peer.ts";

const KEY = "sk-edge-rag";
const QUESTION = { question: "How do bees tell where flowers are?" };
const DOCUMENT = { id: "bees", text: "Bees tell each other where flowers are by a waggle dance." };

let embeddings: OpenAIServer;
let litellm: Server;
beforeAll(async () => {
  embeddings = await startOpenAIServer({ dimensions: 256 });
  litellm = await startPeer({
    name: "litellm",
    command: "litellm",
    args: (port) => [
      ...["--config", join(import.meta.dirname, "litellm.yaml"), "--host", "127.0.0.1", "--port", String(port)],
    ],
    // Its price table is in the package.
    env: { MASTER_KEY: KEY, EMBEDDINGS_URL: embeddings.url, LITELLM_LOCAL_MODEL_COST_MAP: "True" },
    readyPath: "/health/liveliness",
  });
});
afterAll(async () => {
  await litellm?.stop();
  await embeddings?.close();
});

/** The app with this chat model behind LiteLLM, and one document. */
async function appWith(model: string, settings: Record<string, string> = {}): Promise<RunningApp> {
  const app = await startApp({
    ...{ OPENAI_BASE_URL: `${litellm.url}/v1`, OPENAI_API_KEY: KEY, OPENAI_CHAT_MODEL: model },
    ...{ OPENAI_EMBEDDING_MODEL: "embedder", OPENAI_EMBEDDING_DIMENSIONS: "256" },
    ...settings,
  });
  onTestFinished(app.stop);
  const { body } = await app.post("/embed", { documents: [DOCUMENT] });
  expect(body.documents, app.output()).toEqual([{ id: "bees", status: "created", chunks: 1 }]);
  return app;
}

/** The events of a streamed answer, as `[name, data]`. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of the data depends on the event
const eventsOf = (stream: string): [string, any][] =>
  [...stream.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, name = "", data = ""]) => [name, JSON.parse(data)]);

describe("behind LiteLLM's proxy, the app", () => {
  it("embeds, and answers with LiteLLM's usage, cost and model name", async () => {
    const app = await appWith("chat");
    const { status, body } = await app.post("/query", QUESTION);
    expect(status).toBe(200);
    expect(body).toMatchObject({ answer: "Bees tell it by a waggle dance [1].", model: "chat", degraded: [] });
    expect(body.citations).toMatchObject([{ index: 1, document_id: "bees" }]);
    expect(body.usage).toMatchObject({ completion_tokens: 20, cost_usd: expect.closeTo(1.35e-5, 6) });
    expect(app.logged("WARN")).toEqual([]);
  });

  it("streams the same, with the cost that LiteLLM adds to the usage at the end", async () => {
    const app = await appWith("chat");
    const { body } = await app.post("/query", { ...QUESTION, stream: true });
    const events = eventsOf(body);
    expect(events.map(([name]) => name)).toEqual(["citations", ...events.slice(2).map(() => "delta"), "done"]);
    expect(events.slice(1, -1).reduce((text, [, { text: more }]) => text + more, "")).toBe(
      "Bees tell it by a waggle dance [1].",
    );
    const [, done] = events.at(-1) ?? [];
    expect(done).toMatchObject({ model: "chat", usage: { cost_usd: expect.any(Number) } });
    expect(done.usage.completion_tokens).toBeGreaterThan(5);
    expect(done.usage.cost_usd).toBeGreaterThan(0);
  });

  it.each([false, true])("gets an answer of a reasoning model behind an alias, stream: %s", async (stream) => {
    const app = await appWith("thinker");
    for (const _ of [1, 2]) expect((await app.post("/query", { ...QUESTION, stream })).status).toBe(200);
    const rejections = litellm.output().match(/temperature=0/g) ?? [];
    expect(rejections.length, "LiteLLM rejects temperature, so the test says something").toBeGreaterThan(0);
    expect(JSON.stringify(app.logged("WARN")).match(/UnsupportedParamsError/g)).toHaveLength(1);
  });

  it("reports no cost where LiteLLM knows no price", async () => {
    const { body } = await (await appWith("unpriced")).post("/query", QUESTION);
    expect(body).toMatchObject({ answer: "By a waggle dance [1].", usage: { completion_tokens: 20 } });
    expect(body.usage).not.toHaveProperty("cost_usd");
  });

  it.each([
    ["limited", "throttling_error", "this is a mock rate limit error"],
    ["failing", "internal_server_error", "this is a mock internal server error"],
    ["small", "invalid_request_error", "this is a mock context window exceeded error"],
    ["nobody", "invalid_request_error", "Invalid model name passed in model=nobody"],
  ])(
    "answers 503 with the citations when the model %s fails, and only the log says why",
    async (model, code, reason) => {
      const app = await appWith(model);
      for (const stream of [false, true]) {
        const { status, body } = await app.post("/query", { ...QUESTION, stream });
        const failure = status === 200 ? eventsOf(body).at(-1)?.[1] : body;
        expect(failure).toMatchObject({ status: 503, stage: "llm_generation" });
        expect(JSON.stringify(body)).not.toMatch(/litellm/i);
      }
      const log = JSON.stringify(app.logged("ERROR"));
      expect(log).toContain(`"code":"${code}"`);
      expect(log).toContain(reason);
      expect(log).not.toContain("bees tell where");
    },
  );

  it("degrades, and says in the log what LiteLLM said, when the key is wrong", async () => {
    const app = await appWith("chat");
    const stranger = await startApp({
      ...{ OPENAI_BASE_URL: `${litellm.url}/v1`, OPENAI_API_KEY: "sk-wrong", OPENAI_CHAT_MODEL: "chat" },
      ...{ OPENAI_EMBEDDING_MODEL: "embedder", OPENAI_EMBEDDING_DIMENSIONS: "256" },
    });
    onTestFinished(stranger.stop);
    const { body } = await stranger.post("/embed", { documents: [DOCUMENT] });
    expect(body.documents).toMatchObject([{ status: "failed", error: "The embedding model is unavailable." }]);
    expect(stranger.output()).toMatch(/no_db_connection|No connected db/);
    expect(stranger.output()).not.toContain("sk-wrong");
    expect((await fetch(`${app.url}/health?deep=1`)).status).toBe(200);
    expect((await fetch(`${stranger.url}/health?deep=1`)).status).toBe(503);
  });
});
