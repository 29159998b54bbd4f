import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createParts } from "#compose/parts.ts";
import { ingestPipeline, queryPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";
import { memoryRedis } from "../support/memory-redis.ts";
import type { ChatRequest } from "../support/openai-chat.ts";
import { startOpenAIServer } from "../support/openai-server.ts";
import { startQdrantServer } from "../support/qdrant-server.ts";
import { startUpstashServer } from "../support/upstash-server.ts";

const DOCUMENTS = [
  { id: "bees.md", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." },
  { id: "whales.md", title: "Whales", text: "Whales sing songs that travel far." },
];
const STANDALONE = "How do bees tell where flowers are?";
const HISTORY = [
  { role: "user" as const, content: "What do bees eat?" },
  { role: "assistant" as const, content: "Nectar of flowers. [1]" },
];
const FOLLOW_UP = { question: "and how do they tell where those are?", topK: 2, history: HISTORY };
const isRewriting = ({ messages }: Pick<ChatRequest, "messages">) =>
  messages.at(-1)?.content.includes("<conversation>");

/** Models, store and caches on loopback; the chat model rewrites every follow-up to the same question. */
async function startServices(settings: Record<string, string> = {}) {
  const openai = await startOpenAIServer({
    chat: (request) => ({ content: isRewriting(request) ? STANDALONE : "By a waggle dance. [1]" }),
  });
  const qdrant = await startQdrantServer();
  const upstash = await startUpstashServer(memoryRedis().run);
  onTestFinished(async () => {
    await Promise.all([openai.close(), qdrant.close()]);
    upstash.close();
  });
  const parts = await createParts(
    readConfig({
      ...{ OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: "sk-test", QDRANT_URL: qdrant.url, OTEL_ENABLED: "false" },
      ...{ UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token },
      ...settings,
    }),
  );
  await (await ingestPipeline(parts))(DOCUMENTS);
  openai.requests.length = 0;
  const chats = () => openai.requests.flatMap(({ endpoint, body }) => (endpoint === "chat" ? [body] : []));
  return { openai, parts, answer: await queryPipeline(parts), chats };
}

test("the chat model rewrites a follow-up, and all other stages have the rewritten question alone", async () => {
  const { openai, answer, chats, parts } = await startServices();
  const result = await answer(FOLLOW_UP);
  expect(result).toMatchObject({ text: "By a waggle dance. [1]", rewrittenQuestion: STANDALONE, degraded: [] });
  const embedded = openai.requests.find(({ endpoint }) => endpoint === "embeddings");
  expect([embedded?.body.input].flat()).toEqual([STANDALONE]);
  const [rewriting, answering] = chats().map((body) => JSON.stringify(body));
  expect(rewriting).toContain("Nectar of flowers");
  expect(answering).toContain(STANDALONE);
  expect(answering).not.toMatch(/Nectar|What do bees eat|tell where those/);

  const { usage } = await parts.health();
  const words = (body: unknown) =>
    (body as ChatRequest).messages.flatMap(({ content }) => content.split(/\s+/).filter(Boolean)).length;
  expect(result.usage.promptTokens).toBe(chats().reduce((sum, body) => sum + words(body), 0));
  expect(usage()).toMatchObject({ completion_tokens: result.usage.completionTokens });
});

test("an answer is cached for the question that stands alone, whoever asks it in which words", async () => {
  const { answer, chats } = await startServices({ RAG_ANSWER_CACHE_SECONDS: "60" });
  expect((await answer({ question: STANDALONE, topK: 2 })).cache.answer).toBe(false);
  const followUp = await answer(FOLLOW_UP);
  expect(followUp).toMatchObject({ cache: { answer: true }, rewrittenQuestion: STANDALONE });
  expect(followUp.usage.promptTokens).toBeGreaterThan(0);
  const another = [{ role: "user" as const, content: "Do bees talk?" }];
  expect((await answer({ ...FOLLOW_UP, question: "how?", history: another })).cache.answer).toBe(true);
  expect(chats().map((body) => isRewriting(body as unknown as ChatRequest))).toEqual([false, true, true]);
});

test("when the chat model cannot rewrite, the question is asked as it was, and the log says why", async () => {
  const { openai, answer, chats } = await startServices();
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  onTestFinished(() => write.mockRestore());
  openai.failNext("chat", { kind: "status", status: 500 });
  const result = await answer(FOLLOW_UP);
  write.mockRestore();
  expect(result).toMatchObject({ text: "By a waggle dance. [1]", degraded: [{ stage: "query_rewrite" }] });
  expect(result).not.toHaveProperty("rewrittenQuestion");
  expect(JSON.stringify(chats().at(-1))).toContain(FOLLOW_UP.question);
  expect(JSON.parse(lines.join(""))).toMatchObject({
    ...{ level: "WARN", message: "stage skipped", stage: "query_rewrite" },
    error: { name: "RagError", cause: { name: "OpenAIServiceError" } },
  });
});

test("a busy chat model is asked again; a slow one has its share of the time and no more", async () => {
  const { openai, answer } = await startServices();
  openai.failNext("chat", { kind: "status", status: 503 });
  expect((await answer(FOLLOW_UP)).rewrittenQuestion).toBe(STANDALONE);
  openai.failNext("chat", { kind: "slow", ms: 60_000 });
  const deadline = Date.now() + 3_000;
  const result = await answer(FOLLOW_UP, { deadline });
  expect(result).toMatchObject({ answered: true, degraded: [{ stage: "query_rewrite" }] });
  expect(result.timingsMs.query_rewrite).toBeLessThan(3_000);
});

test("without a chat model the rule rewrites, at no cost", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "edge-rag-conversation-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const parts = await createParts(readConfig({ RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false" }));
  await (await ingestPipeline(parts))(DOCUMENTS);
  const answer = await queryPipeline(parts);
  const history = [{ role: "user" as const, content: "Do whales sing?" }];
  const result = await answer({ question: "how far do they travel?", topK: 1, history });
  expect(result).toMatchObject({
    rewrittenQuestion: "whales sing: how far do they travel?",
    citations: [{ documentId: "whales.md" }],
    usage: { promptTokens: 0, completionTokens: 0 },
  });
  expect(await answer({ question: "What do bees tell each other?", topK: 1, history })).not.toHaveProperty(
    "rewrittenQuestion",
  );
});
