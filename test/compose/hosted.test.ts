import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createParts } from "#compose/parts.ts";
import { ingestPipeline, queryPipeline } from "#compose/pipelines.ts";
import { createRateLimiter } from "#compose/rate-limiter.ts";
import { readConfig } from "#config/env.ts";
import { memoryRedis } from "../support/memory-redis.ts";
import { startOpenAIServer } from "../support/openai-server.ts";
import { startQdrantServer } from "../support/qdrant-server.ts";
import { startRerankServer } from "../support/rerank-server.ts";
import { startUpstashServer } from "../support/upstash-server.ts";

const DOCUMENTS = [
  { id: "bees.md", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance.", topicIds: [1] },
  { id: "whales.md", title: "Whales", text: "Whales sing songs that travel far.", topicIds: [2] },
];
const QUESTION = { question: "How do bees tell where flowers are?", topK: 2 };

/** All three services on loopback, and settings that name them. */
async function startServices() {
  const openai = await startOpenAIServer({ chat: () => ({ content: "By a waggle dance. [1]" }) });
  const qdrant = await startQdrantServer();
  const upstash = await startUpstashServer(memoryRedis().run);
  const dataDir = mkdtempSync(join(tmpdir(), "edge-rag-hosted-"));
  onTestFinished(async () => {
    await openai.close();
    await qdrant.close();
    upstash.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const env: Record<string, string> = {
    OPENAI_BASE_URL: openai.url,
    OPENAI_API_KEY: "sk-test",
    QDRANT_URL: qdrant.url,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    RAG_DATA_DIR: join(dataDir, "store"),
    OTEL_ENABLED: "false",
  };
  return { openai, qdrant, upstash, env };
}

test("with all services configured, ingestion and queries use no embedded part", async () => {
  const { openai, env } = await startServices();
  const parts = await createParts(readConfig(env));
  const { documents, usage } = await (await ingestPipeline(parts))(DOCUMENTS);
  expect(documents.map(({ status }) => status)).toEqual(["created", "created"]);
  expect(usage.tokens).toBeGreaterThan(0);

  const answer = await queryPipeline(parts);
  const first = await answer(QUESTION);
  expect(first).toMatchObject({ text: "By a waggle dance. [1]", answered: true, cache: { embedding: false } });
  expect(first.citations[0]?.documentId).toBe("bees.md");
  expect(first.usage.promptTokens).toBeGreaterThan(0);
  expect(first.usage.costUsd).toBeGreaterThan(0);

  const embedded = openai.requests.filter(({ endpoint }) => endpoint === "embeddings").length;
  expect((await answer(QUESTION)).cache).toEqual({ embedding: true });
  expect(openai.requests.filter(({ endpoint }) => endpoint === "embeddings")).toHaveLength(embedded);
  expect(
    (await answer({ ...QUESTION, filter: { topicIds: [2] } })).citations.map(({ documentId }) => documentId),
  ).toEqual(["whales.md"]);
  expect((await (await ingestPipeline(parts))(DOCUMENTS)).documents.map(({ status }) => status)).toEqual([
    "unchanged",
    "unchanged",
  ]);
  expect(existsSync(env.RAG_DATA_DIR ?? "")).toBe(false);
});

test("a failing service degrades the answer or fails its stage", async () => {
  const { openai, upstash, env } = await startServices();
  const parts = await createParts(readConfig(env));
  await (await ingestPipeline(parts))(DOCUMENTS);
  const answer = await queryPipeline(parts);

  upstash.instead = (response) => response.writeHead(500).end();
  expect(await answer(QUESTION)).toMatchObject({
    answered: true,
    cache: { embedding: false },
    degraded: [{ stage: "cache" }],
  });
  const slowDown = {
    kind: "status",
    status: 429,
    error: { message: "slow down", code: "rate_limit_exceeded" },
  } as const;
  openai.failNext("chat", slowDown);
  expect(await answer(QUESTION)).toMatchObject({ answered: true }); // retried
  openai.failAlways("chat", slowDown);
  await expect(answer(QUESTION)).rejects.toMatchObject({ stage: "llm_generation", citations: [{ index: 1 }, {}] });
  openai.failAlways("chat", undefined);
  openai.failAlways("embeddings", { kind: "status", status: 500 });
  expect(await answer(QUESTION)).toMatchObject({ degraded: [{ stage: "embedding" }] });
});

test("a question reads both caches side by side, and its vector is stored when it is answered", async () => {
  const { upstash, env } = await startServices();
  const parts = await createParts(readConfig({ ...env, RAG_ANSWER_CACHE_SECONDS: "60" }));
  await (await ingestPipeline(parts))(DOCUMENTS);
  const answer = await queryPipeline(parts);

  const held: ServerResponse[] = [];
  upstash.instead = (response) => held.push(response);
  const first = answer(QUESTION);
  await expect.poll(() => held.length).toBe(2);
  upstash.instead = undefined;
  for (const response of held) response.writeHead(500).end();
  expect(await first).toMatchObject({ answered: true, cache: { embedding: false }, degraded: [{ stage: "cache" }] });

  expect(await answer(QUESTION)).toMatchObject({ cache: { embedding: true, answer: false }, degraded: [] });
  expect(await answer(QUESTION)).toMatchObject({ cache: { answer: true } });
});

test("on Lambda, connections to the services of a query are opened before the first one needs them", async () => {
  const { openai, env } = await startServices();
  const rerank = { RERANK_URL: "https://rerank.example/v2/rerank", RERANK_API_KEY: "k", RERANK_MODEL: "m" };
  const config = readConfig({ ...env, ...rerank, OPENAI_CHAT_BASE_URL: "https://chat.example/v1" });
  const requests: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    requests.push(`${init?.method} ${input}`);
    return new Response();
  };
  for (const kind of ["offline", "lambda"] as const) {
    const runtime = kind === "lambda" ? { kind, runtimeApi: "127.0.0.1:1" } : { kind };
    (await createParts(config, { runtime, fetch })).openConnections();
    const origins = [openai.url, "https://chat.example", env.UPSTASH_REDIS_REST_URL ?? "", "https://rerank.example"];
    const expected = origins.map((url) => `OPTIONS ${new URL(url).origin}`);
    expect(requests).toEqual(kind === "lambda" ? expected : []);
  }
});

test("readiness checks every service", async () => {
  const { qdrant, env } = await startServices();
  const parts = await createParts(readConfig(env));
  const { checks } = await parts.health();
  expect(checks.map(({ name }) => name)).toEqual(["store (qdrant)", "models (127.0.0.1)"]);
  await expect(checks[0]?.check()).resolves.toBeUndefined();
  await qdrant.close();
  await expect(checks[0]?.check()).rejects.toThrow();
});

test("each model may have a server of its own, which alone gets its key", async () => {
  const { openai: embedding, env } = await startServices();
  const chat = await startOpenAIServer({ apiKey: "sk-chat", chat: () => ({ content: "By a waggle dance. [1]" }) });
  onTestFinished(() => chat.close());
  const own = { OPENAI_CHAT_BASE_URL: chat.url, OPENAI_CHAT_API_KEY: "sk-chat" };
  const parts = await createParts(readConfig({ ...env, ...own }));
  await (await ingestPipeline(parts))(DOCUMENTS);
  expect((await (await queryPipeline(parts))(QUESTION)).text).toBe("By a waggle dance. [1]");
  const { checks } = await parts.health();
  expect(checks.map(({ name }) => name).slice(1)).toEqual(["embedding model (127.0.0.1)", "chat model (127.0.0.1)"]);
  await Promise.all(checks.map(({ check }) => check()));
  const keysAt = ({ requests }: typeof chat) => new Set(requests.map(({ headers }) => headers.authorization));
  expect(keysAt(embedding)).toEqual(new Set(["Bearer sk-test"]));
  expect(keysAt(chat)).toEqual(new Set(["Bearer sk-chat"]));
  expect(new Set(chat.requests.map(({ endpoint }) => endpoint))).toEqual(new Set(["chat", "models"]));
});

test("with only one of the models configured, the other is embedded", async () => {
  const { openai, env } = await startServices();
  const { RAG_DATA_DIR = "" } = env;
  const settings = { RAG_DATA_DIR, OTEL_ENABLED: "false" };
  const chat = await createParts(readConfig({ ...settings, OPENAI_CHAT_BASE_URL: openai.url }));
  await (await ingestPipeline(chat))(DOCUMENTS);
  expect((await (await queryPipeline(chat))(QUESTION)).text).toBe("By a waggle dance. [1]");
  expect(new Set(openai.requests.map(({ endpoint }) => endpoint))).toEqual(new Set(["chat"]));

  const embedding = { ...settings, OPENAI_EMBEDDING_BASE_URL: openai.url, RAG_DATA_DIR: `${RAG_DATA_DIR}-2` };
  const parts = await createParts(readConfig(embedding));
  await (await ingestPipeline(parts))(DOCUMENTS);
  expect((await (await queryPipeline(parts))(QUESTION)).model).toMatch(/^extractive-quotes/);
  expect(openai.requests.filter(({ endpoint }) => endpoint === "chat")).toHaveLength(1);
});

test("a store that is down at start fails its calls until it is up, and is logged", async () => {
  const { qdrant, env } = await startServices();
  qdrant.script = () => ({ status: 503, body: "" });
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  onTestFinished(() => write.mockRestore());
  const parts = await createParts(readConfig(env));
  const answer = await queryPipeline(parts);
  await expect(answer(QUESTION)).rejects.toMatchObject({ stage: "vector_search", cause: { status: 503 } });
  expect(lines.join("")).toMatch(/"level":"WARN","message":"vector store not ready","error":\{"name":"QdrantError"/);
  qdrant.script = () => undefined;
  await (await ingestPipeline(parts))(DOCUMENTS);
  expect((await answer(QUESTION)).answered).toBe(true);
});

test("a store with another model's vectors is rejected with the names of both models", async () => {
  const { env } = await startServices();
  await (await (await createParts(readConfig(env))).ports()).store.versions([]);
  const other = await createParts(readConfig({ ...env, OPENAI_EMBEDDING_MODEL: "text-embedding-3-large" }));
  await expect((await other.ports()).store.versions(["a"])).rejects.toThrow(
    /text-embedding-3-small[\s\S]*text-embedding-3-large|text-embedding-3-large[\s\S]*text-embedding-3-small/,
  );
});

test("embedded parts replace the services that are not configured", async () => {
  const { openai, env } = await startServices();
  const { OPENAI_BASE_URL = "", OPENAI_API_KEY = "", RAG_DATA_DIR = "" } = env;
  const parts = await createParts(readConfig({ OPENAI_BASE_URL, OPENAI_API_KEY, RAG_DATA_DIR, OTEL_ENABLED: "false" }));
  await (await ingestPipeline(parts))(DOCUMENTS);
  expect((await (await queryPipeline(parts))(QUESTION)).text).toBe("By a waggle dance. [1]");
  expect((await parts.ports()).store.system).toBe("sqlite");
  expect(openai.requests.length).toBeGreaterThan(1);
});

test("a configured reranker reranks hits; readiness checks it without a billed request, and does not need it", async () => {
  const { env, qdrant } = await startServices();
  const rerank = await startRerankServer("cohere", { apiKey: "key" });
  onTestFinished(() => rerank.close());
  const parts = await createParts(
    readConfig({ ...env, RERANK_URL: rerank.url, RERANK_API_KEY: "key", RERANK_MODEL: "rerank-v3.5" }),
  );
  await (await ingestPipeline(parts))(DOCUMENTS);
  const { citations } = await (await queryPipeline(parts))({ ...QUESTION, question: "Songs that travel far?" });
  expect(citations[0]?.documentId).toBe("whales.md");
  expect(rerank.requests).toMatchObject([{ body: { model: "rerank-v3.5", query: "Songs that travel far?" } }]);
  // Cosine similarities are not needed then; they would cost a second query.
  const search = qdrant.requests.findLast(({ path }) => path.includes("/query/batch"));
  expect(JSON.parse(search?.text ?? "").searches).toHaveLength(1);

  rerank.failAlways({ kind: "status", status: 503 });
  expect(await (await queryPipeline(parts))(QUESTION)).toMatchObject({
    answered: true,
    degraded: [{ stage: "rerank" }],
  });

  const check = (await parts.health()).checks.at(-1);
  expect(check).toMatchObject({ name: "reranker (127.0.0.1)", needed: false });
  await expect(check?.check()).resolves.toBeUndefined();
  expect(rerank.requests).toHaveLength(3);
  await rerank.close();
  await expect(check?.check()).rejects.toThrow();
});

test("answers are cached until a document changes; when Redis is down, queries miss and changes fail", async () => {
  const { openai, upstash, env } = await startServices();
  const parts = await createParts(readConfig({ ...env, RAG_ANSWER_CACHE_SECONDS: "300" }));
  const [ingest, store, answer] = [
    await ingestPipeline(parts),
    (await parts.ports()).store,
    await queryPipeline(parts),
  ];
  const chats = () => openai.requests.filter(({ endpoint }) => endpoint === "chat").length;
  await ingest(DOCUMENTS);
  expect((await answer(QUESTION)).cache.answer).toBe(false);
  expect(await answer(QUESTION)).toMatchObject({
    text: "By a waggle dance. [1]",
    cache: { embedding: false, answer: true },
    usage: { promptTokens: 0, completionTokens: 0 },
  });
  expect((await answer(QUESTION, { tenant: "other" })).cache.answer).toBe(false);
  await ingest(DOCUMENTS);
  expect((await answer(QUESTION)).cache.answer).toBe(true);
  expect(chats()).toBe(2);

  await store.remove("whales.md");
  expect((await answer(QUESTION)).cache.answer).toBe(false);
  expect((await answer(QUESTION)).cache.answer).toBe(true);
  await ingest([{ id: "ants.md", text: "Ants leave trails." }]);
  expect((await answer(QUESTION)).cache.answer).toBe(false);

  upstash.instead = (response) => response.writeHead(500).end();
  expect(await answer(QUESTION)).toMatchObject({ cache: { answer: false }, degraded: [{ stage: "cache" }] });
  const { documents } = await ingest([{ id: "ants.md", text: "Ants carry leaves." }]);
  expect(documents).toMatchObject([{ status: "failed", error: { stage: "cache" } }]);
});

async function createLimiter(env: Record<string, string>) {
  const { upstash, fetch } = (await createParts(readConfig(env))).rateLimit;
  return upstash?.rateLimit && createRateLimiter({ ...upstash, fetch }, upstash.rateLimit);
}

test("RAG_RATE_LIMIT creates a rate limiter, which rejects when Redis fails", async () => {
  const { env, upstash } = await startServices();
  expect(await createLimiter(env)).toBeUndefined();
  const limiter = await createLimiter({ ...env, RAG_RATE_LIMIT: "60/1m" });
  expect(limiter?.windowMs).toBe(60_000);
  upstash.instead = (response) => response.writeHead(500).end();
  await expect(limiter?.limit("a")).rejects.toMatchObject({ name: "UpstashRestError" });
});

test("the rate limiter's circuit opens after five timeouts of Redis", async () => {
  const { env, upstash } = await startServices();
  const limiter = await createLimiter({ ...env, RAG_RATE_LIMIT: "60/1m" });
  upstash.instead = () => {};
  for (const _ of [1, 2, 3, 4, 5]) {
    await expect(limiter?.limit("a")).rejects.toMatchObject({ code: "timeout" });
  }
  const sent = upstash.requests.length;
  await expect(limiter?.limit("b")).rejects.toMatchObject({ code: "circuit_open" });
  expect(upstash.requests).toHaveLength(sent);
});
