import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type RunningApp, startApp } from "../../peers/_app.ts";

export const KEY = "erag_mcp-clients";
/** Reads topic 7 alone. */
export const TOPIC_KEY = "erag_mcp-clients-topic";
export const QUESTION = "How do bees tell each other where flowers are?";

const DOCUMENTS = [
  { id: "insects/bees.md", title: "Bees", topic_ids: [7], text: "Bees tell where flowers are by a waggle dance." },
  { id: "insects/ants.md", title: "Ants", topic_ids: [9], text: "Ants tell each other the way by scent." },
];

export interface Service {
  app: RunningApp;
  /** The address for MCP's clients. */
  url: string;
  stop(): Promise<void>;
}

/** The app as a server of its own, with two documents and embedded parts. */
export async function startService(settings: Readonly<Record<string, string>> = {}): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-mcp-"));
  const app = await startApp({ RAG_DATA_DIR: folder, ...settings });
  const authorization = settings.RAG_API_KEYS === undefined ? {} : { authorization: `Bearer ${KEY}` };
  const response = await fetch(`${app.url}/embed`, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization },
    body: JSON.stringify({ documents: DOCUMENTS }),
  });
  expect(response.status, app.output()).toBe(200);
  return {
    ...{ app, url: `${app.url}/mcp` },
    async stop() {
      await app.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Settings of a service with both keys. */
export function withKeys(): { RAG_API_KEYS: string } {
  const entry = (key: string, topics = "") => `acme:${createHash("sha256").update(key).digest("hex")}${topics}`;
  return { RAG_API_KEYS: `${entry(KEY)},${entry(TOPIC_KEY, ":7")}` };
}
