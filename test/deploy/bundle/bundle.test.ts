import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Stream } from "openai/core/streaming";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { openApiDocument } from "#http/openapi.ts";
import { toolSchemas } from "#http/protocols/mcp/tool-schemas.ts";
import { attribute } from "../../support/otlp.ts";
import { FaultyCollector } from "../../tools/lambda/faulty-collector.ts";
import { runFunction } from "../../tools/size/run.ts";
import { type Services, startServices } from "../../tools/size/services.ts";

const TRACE = { root: "1-5759e988-bd862e3fe1be46a994272793", parent: "53995c3f42cd8ad8" };
const SAMPLED = `Root=${TRACE.root};Parent=${TRACE.parent};Sampled=1`;
const UNSAMPLED = `Root=${TRACE.root};Parent=${TRACE.parent};Sampled=0`;
const DOCUMENTS = [{ id: "bees", text: "Bees tell each other where flowers are by a waggle dance.", topic_ids: [1] }];
const QUESTION = { question: "How do bees tell where flowers are?" };

let folder: string;
let services: Services;
let clients: typeof import("../../tools/size/clients.ts");
const run = (name: string, requests: Parameters<typeof runFunction>[2], settings: Record<string, string> = {}) =>
  runFunction(join(folder, `${name}.mjs`), { ...services.env, ...settings }, requests);

beforeAll(async () => {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".bundle/test-"));
  services = await startServices();
  await bundle(folder);
  await bundle(join(folder, "clients"), { entries: ["test/tools/size/clients.ts"] });
  clients = await import(pathToFileURL(join(folder, "clients/clients.mjs")).href);
});
afterAll(async () => {
  await services.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the bundled functions work with every service, and with X-Ray", async () => {
  const { openai, daemon, spans, metrics } = services;
  const embed = await run("embed", [{ method: "POST", path: "/embed", body: { documents: DOCUMENTS } }]);
  expect(embed.replies).toMatchObject([{ status: 200, body: { documents: [{ id: "bees", status: "created" }] } }]);

  const query = { method: "POST", path: "/query", body: QUESTION };
  const { atInit, loaded, replies } = await run("query", [
    { ...query, xray: UNSAMPLED },
    { ...query, body: { ...QUESTION, top_k: 2 }, xray: SAMPLED },
    { ...query, xray: UNSAMPLED },
  ]);
  expect(replies).toMatchObject([
    { status: 200, body: { answer: "By a waggle dance. [1]", cache: { embedding: false }, degraded: [] } },
    { status: 200, body: { answer: "By a waggle dance. [1]", cache: { embedding: true }, degraded: [] } },
    { status: 200, body: { answer: "By a waggle dance. [1]", cache: { answer: true }, degraded: [] } },
  ]);
  const [first, second] = replies.map(({ body }) => body.trace_id);
  for (const id of [first, second]) {
    const names = spans.filter(({ traceId }) => traceId === id).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["POST /query", "rag.query", "rag.vector_search", "rag.llm_generation"]),
    );
  }
  expect(metrics.map(({ name }) => name)).toContain("rag_query_duration_seconds");
  await expect
    .poll(() => daemon.received)
    .toMatchObject([{ trace_id: TRACE.root, parent_id: TRACE.parent, annotations: { otel_trace_id: second } }]);
  // What sends telemetry waits for the first response, and Powertools for the first request that X-Ray samples.
  expect(loaded.slice(atInit.length).join()).toMatch(
    /^signals-\w+\.mjs(?:,chunk-\w+\.mjs)*,esm-\w+\.mjs(?:,chunk-\w+\.mjs)*$/,
  );
  expect(new Set(openai.requests.map(({ endpoint }) => endpoint))).toEqual(new Set(["embeddings", "chat"]));
});

test("the bundled query function rewrites a follow-up with the chat model", async () => {
  const messages = ["What do bees eat?", "and how do they tell?"].map((content) => ({ role: "user", content }));
  const { replies } = await run("query", [{ method: "POST", path: "/query", body: { messages } }]);
  expect(replies[0]?.body).toMatchObject({ rewritten_question: "By a waggle dance. [1]", degraded: [] });
});

test("the bundled embed function processes messages and returns those that failed or ran out of time", async () => {
  const { openai, spans } = services;
  const message = (id: string) => ({
    id,
    body: { documents: [{ id, text: `${id} tell each other where flowers are.` }] },
  });
  openai.failAlways("embeddings", undefined);
  const { failedIds: taken } = await run("embed", [{ messages: [message("ants"), message("wasps")] }]);
  expect(taken).toEqual([[]]);
  const before = openai.requests.length;
  const { failedIds: again } = await run("embed", [{ messages: [message("ants"), message("wasps")] }]);
  expect([again, openai.requests.length]).toEqual([[[]], before]);

  openai.failAlways("embeddings", { kind: "status", status: 400 });
  const { failedIds: refused } = await run("embed", [{ messages: [message("ants"), message("moths")] }]);
  expect(refused).toEqual([["moths"]]);
  openai.failAlways("embeddings", { kind: "slow", ms: 60_000 });
  const { failedIds: late } = await run("embed", [{ messages: [message("moths"), message("flies")], leftMs: 800 }]);
  openai.failAlways("embeddings", undefined);
  expect(late).toEqual([["moths", "flies"]]);
  // Each batch was answered after its telemetry was sent, and the calls of the embedder were given up before it.
  const errors = spans
    .filter(({ name }) => name === "process edge-rag-test-ingest")
    .map((span) => attribute(span, "error.type"));
  expect(errors).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    expect.any(String),
    expect.stringMatching(/^(timeout|deadline|deadline_exceeded)$/),
    expect.stringMatching(/^(timeout|deadline|deadline_exceeded)$/),
  ]);
});

test("the bundled health function checks the services and serves the same OpenAPI document as the source", async () => {
  const { replies } = await run("health", [
    { method: "GET", path: "/health?deep=1" },
    { method: "GET", path: "/openapi.json" },
  ]);
  expect(replies).toMatchObject([{ status: 200, body: { status: "ok" } }, { status: 200 }]);
  expect(replies[1]?.body).toEqual(openApiDocument());
  expect(services.openai.requests.map(({ endpoint }) => endpoint)).toContain("models");
});

test("a bundled function exports compressed telemetry", async () => {
  const collector = await FaultyCollector.start({ kind: "healthy" });
  onTestFinished(() => collector.close());
  const { replies } = await run("health", [{ method: "GET", path: "/health" }], {
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  expect(replies).toMatchObject([{ status: 200 }]);
  expect(collector.requests.map(({ path }) => path)).toContain("/v1/traces");
  expect(new Set(collector.requests.map(({ headers }) => headers["content-encoding"]))).toEqual(new Set(["gzip"]));
  expect(collector.malformed).toEqual([]);
});

test("the bundled functions never load Node's own fetch for ordinary requests", async () => {
  const query = { method: "POST", path: "/query", body: QUESTION };
  const embed = { method: "POST", path: "/embed", body: { documents: DOCUMENTS } };
  const runs = {
    embed: await run("embed", [
      embed,
      { ...embed, xray: SAMPLED },
      { method: "POST", path: "/embed", body: "not JSON" },
      { method: "DELETE", path: "/embed/bees" },
      { messages: [{ id: "bees", body: { documents: DOCUMENTS } }] },
    ]),
    query: await run("query", [
      query,
      { ...query, body: { ...QUESTION, top_k: 3 }, xray: SAMPLED },
      { ...query, body: { ...QUESTION, top_k: 4, stream: true }, streams: true },
      { method: "HEAD", path: "/query" },
    ]),
    health: await run("health", [
      { method: "GET", path: "/health?deep=1" },
      { method: "GET", path: "/openapi.json" },
    ]),
    "query, for browsers": await run("query", [query, { method: "OPTIONS", path: "/query" }], {
      RAG_CORS_ORIGINS: "https://example.com",
    }),
  };
  expect(runs.embed.replies.map(({ status }) => status)).toEqual([200, 200, 400, 200]);
  expect(runs.embed.failedIds).toEqual([[]]);
  expect(runs.query.replies).toMatchObject([
    { status: 200 },
    { status: 200 },
    { status: 200, body: expect.stringContaining("event: done") },
    { status: 405 },
  ]);
  expect(runs.health.replies).toMatchObject([{ status: 200 }, { status: 200 }]);
  expect(runs["query, for browsers"].replies).toMatchObject([{ status: 200 }, { status: 204 }]);
  for (const [name, { builtins }] of Object.entries(runs)) {
    // What they do load shows that the list is one of modules.
    expect(builtins, name).toContain("http");
    expect(
      builtins.filter((module) => module.includes("undici")),
      name,
    ).toEqual([]);
  }
});

test("the bundled query function loads MCP at its first request of it, and nothing of it before or for a question", async () => {
  await run("embed", [{ method: "POST", path: "/embed", body: { documents: DOCUMENTS } }]);
  const headers = { accept: "application/json, text/event-stream" };
  const mcp = (method: string, params: object = {}) => ({
    ...{ method: "POST", path: "/mcp", headers },
    body: { jsonrpc: "2.0", id: 1, method, params },
  });
  const query = { method: "POST", path: "/query", body: QUESTION };
  const isMcp = (file: string) => /^serve-\w+\.mjs$/.test(file);
  const without = await run("query", [query, { method: "POST", path: "/mcp", body: "{" }]);
  expect(without.replies).toMatchObject([{ status: 200 }, { status: 400, body: { error: { code: -32700 } } }]);
  expect(without.loaded.filter(isMcp)).toEqual([]);

  const client = { clientInfo: { name: "test", version: "1" }, capabilities: {} };
  const { loaded, atInit, replies, builtins } = await run("query", [
    mcp("initialize", { protocolVersion: "2025-11-25", ...client }),
    mcp("tools/list"),
    mcp("tools/call", { name: "ask", arguments: QUESTION }),
    mcp("tools/call", { name: "search", arguments: { ...QUESTION, top_k: 0 } }),
    mcp("unknown"),
    { method: "GET", path: "/mcp" },
  ]);
  expect(atInit.filter(isMcp)).toEqual([]);
  expect(loaded.filter(isMcp)).toHaveLength(1);
  expect(replies).toMatchObject([
    { status: 200, body: { result: { serverInfo: { name: "edge-rag" } } } },
    { status: 200, body: { result: { tools: [{ name: "search" }, { name: "ask" }] } } },
    { status: 200, body: { result: { structuredContent: { answer: "By a waggle dance. [1]" } } } },
    { status: 200, body: { result: { isError: true } } },
    { status: 200, body: { error: { code: -32601 } } },
    { status: 405 },
  ]);
  const [, list] = replies;
  const { search, ask } = toolSchemas();
  expect(list?.body.result.tools).toMatchObject([search, ask]);
  // Nor Node's own fetch.
  expect(builtins.filter((module) => module.includes("undici"))).toEqual([]);
});

test("in a bundle, the light classes fall back to Node's own for what they lack", async () => {
  const { FormData: Form, Request: Light, Response: LightResponse } = clients.classes;
  expect([Light, LightResponse]).not.toContain(Request);
  expect(LightResponse).not.toBe(Response);
  expect(new Light("https://example.com", { redirect: "error" }).redirect).toBe("error");
  expect(await (await new LightResponse("a").clone().blob()).text()).toBe("a");
  const form = new Form();
  form.append("a", "b");
  expect([...(await new LightResponse(form).formData())]).toEqual([["a", "b"]]);
  expect(LightResponse.json({ a: 1 })).toBeInstanceOf(LightResponse);
});

test("a stubbed module throws an error that names it, its package and what to do", async () => {
  const { OPENAI_BASE_URL: baseURL = "" } = services.env;
  const openai = clients.createOpenAIClient({ baseURL, apiKey: "sk-test" });
  const stubbed = (name: string) =>
    new RegExp(`${name} is stubbed in this bundle, and openai uses it: delete the pattern`);
  expect(() => openai.images.generate({ prompt: "a bee" })).toThrow(stubbed("openai/resources/images.mjs Images"));
  expect(() => openai.beta.threads).toThrow(stubbed("openai/resources/beta/beta.mjs Beta"));
  const messages = [{ role: "user" as const, content: "?" }];
  expect(() => openai.chat.completions).toThrow(stubbed("openai/resources/chat/chat.mjs Chat"));

  // The stream of deltas itself is there.
  const body = { model: "m", messages, stream: true };
  const stream = await openai.post<Stream<ChatCompletionChunk>>("/chat/completions", { body, stream: true });
  const deltas = await Array.fromAsync(stream, ({ choices }) => choices[0]?.delta.content ?? "");
  expect(deltas.join("")).toBe("By a waggle dance. [1]");
});
