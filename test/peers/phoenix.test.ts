import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePorts } from "../../local-stack/stack/ports.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import type { Server } from "../support/server-process.ts";
import { startApp } from "./_app.ts";
import { startPeer } from "./_peer.ts";

const QUESTION = "How do bees tell where the flowers are?";
const TEXT = "Bees tell each other where flowers are by dancing on the comb.";
const ANSWER = "By dancing [1].";

// biome-ignore lint/suspicious/noExplicitAny: a span, as Phoenix returns it
type Span = any;

let phoenix: Server;
let models: OpenAIServer;
beforeAll(async () => {
  const [grpcPort] = await freePorts(1);
  phoenix = await startPeer({
    name: "phoenix",
    command: "python",
    args: (port) => [join(import.meta.dirname, "phoenix_serve.py"), String(port), String(grpcPort)],
    env: { PHOENIX_HOST: "127.0.0.1", PHOENIX_TELEMETRY_ENABLED: "false", PHOENIX_ALLOW_EXTERNAL_RESOURCES: "false" },
    readyPath: "/healthz",
  });
  models = await startOpenAIServer({ chat: () => ({ content: ANSWER }) });
});
afterAll(async () => {
  await Promise.all([phoenix?.stop(), models?.close()]);
});

/** The spans of one query, by name, as they are in Phoenix's project of that name. */
async function spansOfQuery(project: string, settings: Record<string, string> = {}): Promise<Map<string, Span>> {
  const app = await startApp({
    IS_OFFLINE: "true",
    OTEL_ENABLED: "true",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_EXPORTER_OTLP_ENDPOINT: phoenix.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_RESOURCE_ATTRIBUTES: `openinference.project.name=${project}`,
    OPENAI_API_KEY: "none",
    OPENAI_BASE_URL: models.url,
    OPENAI_EMBEDDING_MODEL: "text-embedding-3-small",
    ...settings,
  });
  try {
    const documents = [{ id: "bees", title: "Bees", text: TEXT }];
    expect(await app.post("/embed", { documents })).toMatchObject({ status: 200 });
    const { status, body } = await app.post("/query", { question: QUESTION });
    expect({ status, answer: body.answer }).toEqual({ status: 200, answer: ANSWER });
    return await arrived(project, body.trace_id);
  } finally {
    await app.stop();
  }
}

async function arrived(project: string, traceId: string): Promise<Map<string, Span>> {
  for (;;) {
    const response = await fetch(`${phoenix.url}/v1/projects/${project}/spans?limit=1000`);
    const { data = [] }: Span = response.ok ? await response.json() : {};
    const spans = data.filter((span: Span) => span.context.trace_id === traceId);
    // The span of the request ends last, and all are sent together.
    if (spans.some((span: Span) => span.name === "POST /query")) {
      return new Map(spans.map((span: Span) => [span.name, span]));
    }
    await delay(200);
  }
}

const KINDS = {
  "POST /query": "CHAIN",
  "rag.query": "CHAIN",
  "rag.embedding": "EMBEDDING",
  "rag.vector_search": "RETRIEVER",
  "rag.rerank": "RERANKER",
  "rag.llm_generation": "LLM",
};

it("Phoenix shows the kinds of spans, documents with id and score, and tokens, and nothing of the texts", async () => {
  const spans = await spansOfQuery("plain");
  const kinds = Object.fromEntries([...spans].map(([name, { span_kind }]) => [name, span_kind]));
  expect(kinds).toEqual(KINDS);
  expect(spans.get("rag.vector_search").attributes).toMatchObject({
    "retrieval.documents.0.document.id": expect.any(String),
    "retrieval.documents.0.document.score": expect.any(Number),
  });
  expect(spans.get("rag.rerank").attributes).toMatchObject({
    "reranker.model_name": expect.any(String),
    "reranker.top_k": expect.any(Number),
    "reranker.input_documents.0.document.id": expect.any(String),
    "reranker.output_documents.0.document.score": expect.any(Number),
  });
  expect(spans.get("rag.embedding").attributes).toMatchObject({ "embedding.model_name": "text-embedding-3-small" });
  expect(spans.get("rag.llm_generation").attributes).toMatchObject({
    "llm.model_name": expect.any(String),
    "llm.token_count.prompt": expect.any(Number),
    "llm.token_count.completion": expect.any(Number),
  });
  const retriever = spans.get("rag.vector_search").attributes;
  expect(Object.keys(retriever).filter((name) => name.startsWith("llm."))).toEqual([]);
  const everything = JSON.stringify([...spans.values()]);
  for (const text of [QUESTION, TEXT, ANSWER]) expect(everything).not.toContain(text);
});

it("with content capture Phoenix shows input and output of the request, the texts of documents, and the messages", async () => {
  const spans = await spansOfQuery("captured", { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" });
  for (const name of ["POST /query", "rag.query"]) {
    expect(spans.get(name).attributes).toMatchObject({ "input.value": QUESTION, "output.value": ANSWER });
  }
  expect(spans.get("POST /query").parent_id).toBeNull();
  expect(spans.get("rag.vector_search").attributes).toMatchObject({
    "input.value": QUESTION,
    "retrieval.documents.0.document.content": TEXT,
  });
  expect(spans.get("rag.rerank").attributes).toMatchObject({
    "reranker.query": QUESTION,
    "reranker.input_documents.0.document.content": TEXT,
    "reranker.output_documents.0.document.content": TEXT,
  });
  expect(spans.get("rag.embedding").attributes).toMatchObject({ "embedding.embeddings.0.embedding.text": QUESTION });
  expect(spans.get("rag.llm_generation").attributes).toMatchObject({
    "output.value": ANSWER,
    "llm.output_messages.0.message.role": "assistant",
    "llm.input_messages.0.message.role": "system",
  });
});
