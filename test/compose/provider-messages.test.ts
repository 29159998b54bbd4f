import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createParts, type Parts } from "#compose/parts.ts";
import { ingestPipeline, queryPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";
import { type Failure, type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";

const KEY = "sk-canary-0123456789";
const DOCUMENT = { id: "birds", text: "The canary sings at dawn." };
const QUESTION = { question: "When does the canary sing?", topK: 1 };

let dataDir: string;
let server: OpenAIServer;
let parts: Parts;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "edge-rag-messages-"));
  server = await startOpenAIServer({ apiKey: KEY, dimensions: 64 });
  parts = await createParts(
    readConfig({
      ...{ OTEL_ENABLED: "false", RAG_DATA_DIR: dataDir, OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.url },
      ...{ OPENAI_EMBEDDING_MODEL: "embedder", OPENAI_EMBEDDING_DIMENSIONS: "64", OPENAI_CHAT_MODEL: "alias" },
    }),
  );
  await (await ingestPipeline(parts))([DOCUMENT]);
  lines = [];
  vi.spyOn(process.stdout, "write").mockImplementation((line) => {
    lines.push(JSON.parse(String(line)));
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

function rejection(message: string, status = 400): Failure {
  return { kind: "status", status, error: { message, type: "invalid_request_error" } };
}

it("a rejected parameter is logged once, with what the model's server said", async () => {
  server.failNext("chat", rejection("Unsupported value: 'temperature' does not support 0 with this model."));
  const answer = await queryPipeline(parts);
  await answer(QUESTION);
  await answer({ ...QUESTION, question: "Does it sing at night?" });
  expect(lines).toMatchObject([
    {
      level: "WARN",
      message: "a model rejects a parameter: it is not sent from now on",
      error: { detail: "Unsupported value: 'temperature' does not support 0 with this model." },
    },
  ]);
});

it("a stage that was skipped is logged with what its server said, without the question and the key", async () => {
  server.failAlways("embeddings", rejection(`Cannot embed canary for ${KEY}: input is malformed`));
  const { degraded } = await (await queryPipeline(parts))({ ...QUESTION, question: "Where does the canary live?" });
  expect(degraded).toMatchObject([{ stage: "embedding" }]);
  expect(lines).toMatchObject([
    {
      ...{ level: "WARN", message: "stage skipped", stage: "embedding" },
      error: { name: "RagError", cause: { detail: "Cannot embed … for …: input is malformed" } },
    },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/canary|0123456789/);
  expect(degraded[0]?.error.message).not.toContain("malformed");
});

it("a document that failed is logged with what the model's server said, without the document", async () => {
  server.failAlways("embeddings", rejection("input is too long: The night owl hunts"));
  const ingest = await ingestPipeline(parts);
  const { documents } = await ingest([{ id: "owls", text: "The night owl hunts." }]);
  expect(documents).toMatchObject([{ status: "failed" }]);
  expect(lines).toMatchObject([
    {
      ...{ level: "WARN", message: "document failed", stage: "embedding" },
      error: { cause: { detail: "input is too long: The …" } },
    },
  ]);
});

it("a failed answer has what the model's server said in its log line, and not in its message", async () => {
  server.failNext("chat", rejection("The canary is not available in your region", 403));
  const error = await (await queryPipeline(parts))(QUESTION).catch((error: unknown) => error);
  const request = { method: "POST", route: "/query", durationMs: 1, invocation: { requestId: "r", coldStart: false } };
  const trace = { traceId: "t", traceparent: "00-t-s-01", expire() {}, fail() {} };
  parts.server.onDone({ ...request, status: 503, stage: "llm_generation", error, trace });
  expect(lines).toMatchObject([{ error: { cause: { detail: "The … is not available in your region" } } }]);
  expect(String(error)).not.toContain("region");
});
