import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { checkServices, configOf } from "#deploy/preflight/services.ts";
import { memoryRedis } from "../../support/memory-redis.ts";
import { startOpenAIServer } from "../../support/openai-server.ts";
import { startQdrantServer } from "../../support/qdrant-server.ts";
import { startRerankServer } from "../../support/rerank-server.ts";
import { startUpstashServer } from "../../support/upstash-server.ts";
import { deployment } from "./_aws.ts";

const KEYS = {
  OPENAI_API_KEY: "sk-canary",
  QDRANT_API_KEY: "qdrant-canary",
  UPSTASH_REDIS_REST_TOKEN: "redis-canary",
  RERANK_API_KEY: "rerank-canary",
  OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20otlp-canary",
  RAG_API_KEYS: `acme:${"0".repeat(64)}`,
};
const MODEL = { model: "text-embedding-3-small", size: 1536 };

/** A collector that accepts one token, and knows two paths. */
async function startCollector() {
  const server = createServer((request, response) => {
    const isKnown = ["/v1/traces", "/v1/metrics"].includes(request.url ?? "");
    const isAllowed = request.headers.authorization === "Bearer otlp-canary";
    request.resume().on("end", () => response.writeHead(isKnown ? (isAllowed ? 200 : 401) : 404).end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** All services, each of which accepts its own key. */
async function services() {
  const [openai, qdrant, upstash, rerank, collector] = await Promise.all([
    startOpenAIServer({ apiKey: KEYS.OPENAI_API_KEY }),
    startQdrantServer({ apiKey: KEYS.QDRANT_API_KEY }),
    startUpstashServer(memoryRedis().run, KEYS.UPSTASH_REDIS_REST_TOKEN),
    startRerankServer("cohere", { apiKey: KEYS.RERANK_API_KEY }),
    startCollector(),
  ]);
  onTestFinished(async () => {
    upstash.close();
    await Promise.all([openai.close(), qdrant.close(), rerank.close()]);
  });
  const settings = {
    OPENAI_BASE_URL: openai.url,
    QDRANT_URL: qdrant.url,
    UPSTASH_REDIS_REST_URL: upstash.url,
    RERANK_URL: rerank.url,
    RERANK_MODEL: "rerank-v3.5",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  };
  const check = async (change: Record<string, string> = {}, { inVpc = false, limitMs = 60_000 } = {}) => {
    const of = deployment({ settings: { ...settings, ...change }, inVpc });
    const secrets = Object.fromEntries(Object.entries(KEYS).filter(([name]) => !(name in change)));
    const findings = await checkServices(configOf(of, secrets), of, limitMs);
    expect(JSON.stringify(findings)).not.toContain("canary");
    return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
  };
  return { check, qdrant, openai };
}

test("services that respond to their keys are fine, and nothing was created or billed", async () => {
  const { check, qdrant, openai } = await services();
  const found = await check();
  expect(Object.entries(found).map(([name, { status }]) => [name, status])).toEqual(
    ["models", "qdrant", "redis", "reranker", "traces", "metrics"].map((name) => [name, "ok"]),
  );
  expect(found.qdrant?.detail).toMatch(/^127\.0\.0\.1, from this machine: the collection edge-rag does not exist yet/);
  expect(found.reranker?.detail).toContain("its key was not checked");
  expect(qdrant.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  expect(openai.requests.map(({ endpoint }) => endpoint)).toEqual(["models"]);
});

test.each([
  ["models", "OPENAI_API_KEY"],
  ["qdrant", "QDRANT_API_KEY"],
  ["redis", "UPSTASH_REDIS_REST_TOKEN"],
  ["traces", "OTEL_EXPORTER_OTLP_HEADERS"],
])("%s that rejects its key is a problem of %s", async (name, key) => {
  const { check } = await services();
  const finding = (await check({ [key]: "a=b" }))[name];
  expect(finding).toMatchObject({
    status: "problem",
    remedy: expect.stringMatching(`^correct ${key}.* in the secret$`),
  });
  expect(finding?.detail).toMatch(/401/);
});

test.each([
  ["models", "OPENAI_BASE_URL"],
  ["qdrant", "QDRANT_URL"],
  ["redis", "UPSTASH_REDIS_REST_URL"],
  ["reranker", "RERANK_URL"],
  ["metrics", "OTEL_EXPORTER_OTLP_ENDPOINT"],
])("%s that cannot be reached is a problem of %s; in a VPC it only cannot be checked", async (name, address) => {
  const { check } = await services();
  const nobody = { [address]: "http://127.0.0.1:1" };
  expect((await check(nobody))[name]).toMatchObject({
    status: "problem",
    detail: expect.stringMatching(/, from this machine$/),
    remedy: expect.stringMatching(`^correct ${address}`),
  });
  expect((await check(nobody, { inVpc: true }))[name]).toMatchObject({ status: "not checked" });
});

test.each([
  ["models", "OPENAI_BASE_URL"],
  ["qdrant", "QDRANT_URL"],
  ["redis", "UPSTASH_REDIS_REST_URL"],
  ["reranker", "RERANK_URL"],
  ["traces", "OTEL_EXPORTER_OTLP_ENDPOINT"],
])("%s that accepts the connection and never responds is a problem when its time is over", async (name, address) => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const { check } = await services();
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const finding = (await check({ [address]: url }, { limitMs: 300 }))[name];
  expect(finding).toMatchObject({ status: "problem", remedy: expect.stringMatching(`^correct ${address}`) });
});

test("a path that the collector does not have is a problem of its address", async () => {
  const { check } = await services();
  const collector = await startCollector();
  const { traces } = await check({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector}/otlp` });
  expect(traces).toMatchObject({ status: "problem", detail: expect.stringContaining("404 at /otlp/v1/traces") });
  expect(traces?.remedy).toContain("OTEL_EXPORTER_OTLP_ENDPOINT");
});

test("the collection must hold vectors of the configured model", async () => {
  const { check, qdrant } = await services();
  const { createCollection } = await import("#providers/qdrant/collection.ts");
  const { createQdrantClient } = await import("#providers/qdrant/client.ts");
  const { pointAlias } = await import("#providers/qdrant/alias.ts");
  const client = createQdrantClient({ url: qdrant.url, apiKey: KEYS.QDRANT_API_KEY });
  await createCollection(client, "edge-rag_v1", { model: MODEL.model, dimensions: MODEL.size });
  await pointAlias(client, "edge-rag", "edge-rag_v1");
  expect((await check()).qdrant).toMatchObject({
    status: "ok",
    detail: expect.stringContaining("edge-rag, which points to edge-rag_v1, has 0 chunks, for text-embedding-3-small"),
  });
  expect((await check({ OPENAI_EMBEDDING_MODEL: "text-embedding-3-large" })).qdrant).toMatchObject({
    status: "problem",
    detail: expect.stringContaining("holds vectors of text-embedding-3-small with 1536 dimensions"),
    remedy: expect.stringContaining("npm run reindex"),
  });
});

test("without a collector's address it is said where telemetry would go; without telemetry nothing is", async () => {
  const { check } = await services();
  const none = { OTEL_EXPORTER_OTLP_ENDPOINT: "" };
  expect((await check(none)).collector).toMatchObject({ status: "not checked" });
  expect((await check({ ...none, OTEL_ENABLED: "false" })).collector).toBeUndefined();
});
