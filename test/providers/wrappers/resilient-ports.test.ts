import { expect, onTestFinished, test, vi } from "vitest";
import { LIMITS } from "#compose/limits.ts";
import { createModels } from "#compose/models.ts";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";
import { createService } from "#providers/service/service.ts";
import { resilientEmbedder } from "#providers/wrappers/resilient-ports.ts";
import { createIngest } from "#rag/ingest.ts";
import type { Embedder, VectorStore } from "#rag/ports.ts";
import { startOpenAIServer } from "../../support/openai-server.ts";

const EMBEDDING_MS = 20;

/** Healthy: takes 20 ms. */
const embedder: Embedder = {
  provider: "p",
  model: "m",
  dimensions: 2,
  async embed(texts, { signal } = {}) {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, EMBEDDING_MS);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
    return { vectors: texts.map(() => new Float32Array([1, 0])), cacheHits: 0, tokens: 1 };
  },
};

const store: VectorStore = {
  system: "s",
  collection: "c",
  versions: async () => new Map(),
  replace: async () => {},
  remove: async () => 1,
  list: async () => ({ documents: [] }),
  get: async () => undefined,
  search: async () => [],
  ping: async () => {},
};

test("an ingest that runs out of time leaves the circuit of a healthy embedding model closed", async () => {
  const service = createService({ name: "embedding" });
  const chunker = { settings: "", chunk: (text: string) => [{ text, heading: "" }] };
  const ingest = createIngest({ chunker, embedder: resilientEmbedder(embedder, service, LIMITS.embedding), store });
  const documents = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `d${index}`, text: "t" }));

  const short = await ingest(documents(60), { deadline: Date.now() + 30 * EMBEDDING_MS });
  const codes = short.documents.flatMap(({ error }) => (error ? [(error.cause as { code?: string }).code] : []));
  expect(codes.length).toBeGreaterThan(20);
  expect(new Set(codes)).toEqual(new Set(["deadline_exceeded"]));

  const { documents: after } = await ingest(documents(5), { deadline: Date.now() + 28_000 });
  expect(after.map(({ status }) => status)).toEqual(Array(5).fill("created"));
});

async function startServer() {
  const server = await startOpenAIServer();
  onTestFinished(() => server.close());
  return server;
}

test("a model that is too slow is asked once, and sees that its work was abandoned", async () => {
  const server = await startServer();
  server.failNext("embeddings", { kind: "silence" });
  const client = createOpenAIClient({ apiKey: "sk-test", baseURL: server.url });
  const embedder = createOpenAIEmbedder(client, { model: "m", dimensions: 8 });
  const service = createService({ name: "embedding" });
  const resilient = resilientEmbedder(embedder, service, { ...LIMITS.embedding, timeoutMs: 200 });
  await expect(resilient.embed(["a"])).rejects.toMatchObject({ code: "timeout" });
  await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
});

test("no limit below a call's own ends the work of a slow embedding model", async () => {
  const server = await startServer();
  const { embedder } = await createModels(
    { embedding: { baseURL: server.url, apiKey: "sk-test", model: "m", dimensions: 1_536 } },
    fetch,
  );
  const timeout = vi.spyOn(AbortSignal, "timeout");
  onTestFinished(() => timeout.mockRestore());
  await embedder.embed(["a"]);
  expect(timeout.mock.calls.length).toBeGreaterThan(0);
  for (const [ms] of timeout.mock.calls) expect(ms).toBeGreaterThanOrEqual(LIMITS.embedding.timeoutMs);
});
