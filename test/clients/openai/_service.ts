import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type RunningApp, startApp } from "../../peers/_app.ts";
import { type OpenAIServer, startOpenAIServer } from "../../support/openai-server.ts";

export const KEY = "erag_openai-clients";
/** Reads topic 7 alone. */
export const TOPIC_KEY = "erag_openai-clients-topic";
export const TEXT = "Bees tell it by a waggle dance [1].";
/** Its answer takes far longer than a test reads it. */
export const LONG = "How do bees dance, step by step?";

const DOCUMENTS = [
  { id: "bees", title: "Bees", topic_ids: [7], text: "Bees tell each other where flowers are by a waggle dance." },
  { id: "ants", title: "Ants", topic_ids: [9], text: "Ants tell each other where flowers are by scent." },
];

export interface Service {
  app: RunningApp;
  baseUrl: string;
  /** The language model behind it, which is a fake one. */
  openai: OpenAIServer;
  stop(): Promise<void>;
}

/** The app as a server of its own, with two keys, two documents and a language model that streams word by word. */
export async function startService(settings: Readonly<Record<string, string>> = {}): Promise<Service> {
  const openai = await startOpenAIServer({
    dimensions: 256,
    chat: ({ messages }) => ({ content: messages.at(-1)?.content.includes(LONG) ? "Buzz ".repeat(5_000) : TEXT }),
    tokenDelayMs: 5,
  });
  const entry = (key: string, topics = "") => `acme:${createHash("sha256").update(key).digest("hex")}${topics}`;
  const app = await startApp({
    ...{ OPENAI_BASE_URL: openai.url, OPENAI_EMBEDDING_DIMENSIONS: "256" },
    RAG_API_KEYS: `${entry(KEY)},${entry(TOPIC_KEY, ":7")}`,
    ...settings,
  });
  const response = await fetch(`${app.url}/embed`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ documents: DOCUMENTS }),
  });
  expect(response.status, app.output()).toBe(200);
  return {
    ...{ app, openai, baseUrl: `${app.url}/v1` },
    async stop() {
      await app.stop();
      await openai.close();
    },
  };
}
