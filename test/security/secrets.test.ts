import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { readConfig } from "#config/env.ts";
import { packageProject } from "../deploy/stack/_package.ts";
import { unzip } from "../deploy/stack/_unzip.ts";
import type { Reply } from "../functions/_lambda.ts";

const run = promisify(execFile);
const CALLER_KEY = "erag_xcanary0caller";
const CALLER_HASH = createHash("sha256").update(CALLER_KEY).digest("hex");

/** Every setting that is or contains a secret. */
const SECRETS = {
  OPENAI_API_KEY: "sk-xcanary1openai",
  QDRANT_API_KEY: "xcanary2qdrant",
  UPSTASH_REDIS_REST_TOKEN: "xcanary3upstash",
  RERANK_API_KEY: "rk-xcanary4rerank",
  OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20xcanary5otlp",
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-traces=xcanary7traces",
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: "x-metrics=xcanary8metrics",
  RAG_API_KEYS: `xcanary6tenant:${CALLER_HASH}`,
};

/** Finds canaries, the hash of the caller's key, and canaries in base64. */
function found(text: string): string[] {
  const base64 = Buffer.from("xcanary").toString("base64").slice(0, 9);
  return [/.{0,80}xcanary\w*/g, new RegExp(`.{0,80}${CALLER_HASH.slice(0, 12)}`, "g"), new RegExp(base64, "g")].flatMap(
    (pattern) => text.match(pattern) ?? [],
  );
}

let replies: Reply[];
let sent: Record<string, boolean>;
let output: string;
const exported: { headers: string; body: string }[] = [];

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-rag-secrets-"));
  const collector = createServer((request, response) => {
    void buffer(request).then((body) => {
      exported.push({ headers: JSON.stringify(request.headers), body: body.toString() });
      response.writeHead(200).end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  const { port } = collector.address() as AddressInfo;
  const { stdout, stderr } = await run(process.execPath, ["test/security/_secrets.ts"], {
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      ...SECRETS,
      CALLER_KEY,
      RAG_DATA_DIR: dataDir,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    },
  });
  collector.close();
  const lines = stdout.trimEnd().split("\n");
  ({ replies, sent } = JSON.parse(lines.pop() ?? ""));
  output = [...lines, stderr].join("\n");
  await rm(dataDir, { recursive: true, force: true });
}, 120_000);

it("every secret was used, and every stage failed", () => {
  expect(sent).toEqual({ openai: true, qdrant: true, rerank: true, upstash: true });
  expect(exported.filter(({ headers }) => headers.includes("xcanary5otlp"))).toHaveLength(exported.length);
  expect([...new Set(replies.map(({ status }) => status))].toSorted()).toEqual([200, 400, 401, 404, 503]);
  expect(replies.filter(({ status }) => status === 503).length).toBeGreaterThan(20);
  const stages = new Set(replies.flatMap(({ body }) => [body.stage, ...(body.degraded ?? [])]));
  expect([...stages]).toEqual(
    expect.arrayContaining(["cache", "embedding", "vector_search", "rerank", "llm_generation"]),
  );
  expect([...stages]).toContain("upsert");
});

it("no log line contains a secret", () => {
  expect(output.split("\n").length).toBeGreaterThan(50);
  expect(found(output)).toEqual([]);
});

it("no response contains a secret", () => {
  expect(replies.length).toBeGreaterThan(50);
  expect(found(JSON.stringify(replies))).toEqual([]);
});

it("no exported span or metric contains a secret", () => {
  expect(exported.length).toBeGreaterThan(20);
  expect(exported.flatMap(({ body }) => found(body))).toEqual([]);
});

it.each([
  { RAG_API_KEYS: CALLER_KEY },
  { RAG_API_KEYS: `acme:${CALLER_KEY}` },
  { OTEL_EXPORTER_OTLP_HEADERS: "xcanary5otlp" },
  { OTEL_EXPORTER_OTLP_HEADERS: "authorization=xcanary5%0Aotlp" },
  { OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-traces=xcanary7%0Atraces" },
  { OPENAI_BASE_URL: "user:xcanary1openai@host" },
  { QDRANT_API_KEY: SECRETS.QDRANT_API_KEY },
  { UPSTASH_REDIS_REST_TOKEN: SECRETS.UPSTASH_REDIS_REST_TOKEN },
])("no error message about a setting quotes a secret: %j", (env) => {
  expect(() => readConfig(env)).toThrow(/^(?!.*xcanary)/s);
});

it("no package contains a secret, even if the environment of the packaging command has them", {
  timeout: 120_000,
}, async () => {
  const urls = { QDRANT_URL: "https://qdrant.example", UPSTASH_REDIS_REST_URL: "https://redis.example" };
  const env = { ...SECRETS, ...urls, OTEL_RESOURCE_ATTRIBUTES: "team=shown" };
  const { files, folder } = await packageProject({ env });
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const texts = [...files].flatMap(([name, content]) =>
    name.endsWith(".zip") ? [...unzip(content).values()] : [content],
  );
  expect(texts.length).toBeGreaterThan(40);
  expect(texts.join()).toContain("team=shown");
  expect(found(texts.join())).toEqual([]);
});
