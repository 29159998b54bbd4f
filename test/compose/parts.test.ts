import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createParts } from "#compose/parts.ts";
import { queryPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "edge-rag-parts-"));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function capture() {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    lines.push(String(chunk));
    return true;
  });
  return { lines, restore: () => write.mockRestore() };
}

const TRACE = { traceId: "abc", traceparent: "00-abc-def-01", expire() {}, fail() {} };
const REQUEST = { method: "POST", route: "/query", durationMs: 12.345, trace: TRACE };
const INVOCATION = { requestId: "r-1", coldStart: true };

it("logs one JSON line per request, with the class and stack of an error but not its message", async () => {
  const { server } = await createParts(readConfig({ RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false" }));
  const log = capture();
  const error = new Error("CANARY outer\n  at CANARY line", {
    cause: Object.assign(new Error("CANARY inner"), { code: "ECONNREFUSED" }),
  });
  server.onDone({ ...REQUEST, status: 200, invocation: INVOCATION });
  server.onDone({ ...REQUEST, status: 503, stage: "embedding", error, invocation: INVOCATION });
  log.restore();
  expect(log.lines).toHaveLength(2);
  expect(log.lines.join("")).not.toContain("CANARY");
  expect(log.lines.map((line) => JSON.parse(line))).toEqual([
    {
      timestamp: expect.any(String),
      service: "edge-rag",
      level: "INFO",
      message: "POST /query 200",
      trace_id: "abc",
      span_id: "def",
      route: "/query",
      status: 200,
      duration_ms: 12.3,
      cold_start: true,
      function_request_id: "r-1",
    },
    expect.objectContaining({
      level: "ERROR",
      status: 503,
      stage: "embedding",
      error: {
        name: "Error",
        stack: expect.arrayContaining([expect.stringMatching(/^at .*parts\.test\.ts/)]),
        cause: expect.objectContaining({ name: "Error", code: "ECONNREFUSED" }),
      },
    }),
  ]);
});

it("fails and logs the health check while the data folder is unusable, and recovers", async () => {
  const file = join(dataDir, "in-the-way");
  await writeFile(file, "");
  const parts = await createParts(readConfig({ RAG_DATA_DIR: file, OTEL_ENABLED: "false" }));
  const log = capture();
  const [broken] = (await parts.health()).checks;
  await expect(broken?.check()).rejects.toThrow();
  log.restore();
  expect(JSON.parse(log.lines[0] ?? "")).toMatchObject({ level: "WARN", message: "health check failed" });
  await rm(file);
  const { checks } = await parts.health();
  expect(checks.map(({ name }) => name)).toEqual(["store (sqlite)", "embedder (all-MiniLM-L6-v2)"]);
  await expect(checks[0]?.check()).resolves.toBeUndefined();
});

it("answers without a failing cache, and logs the failure", async () => {
  const parts = await createParts(readConfig({ RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false" }));
  const answer = await queryPipeline(parts);
  const store = new DatabaseSync(join(dataDir, "store.db"));
  store.exec("DROP TABLE embeddings");
  store.close();
  const log = capture();
  const { answered, cache } = await answer({ question: "Is anybody there?", topK: 1 });
  log.restore();
  expect({ answered, cache }).toEqual({ answered: false, cache: { embedding: false } });
  expect(JSON.parse(log.lines[0] ?? "")).toMatchObject({ level: "WARN", stage: "cache" });
});

it("reports zero usage for the embedded parts", async () => {
  const parts = await createParts(readConfig({ RAG_DATA_DIR: join(dataDir, "usage"), OTEL_ENABLED: "false" }));
  await (await queryPipeline(parts))({ question: "Is anybody there?", topK: 1 });
  expect((await parts.health()).usage()).toEqual({
    prompt_tokens: 0,
    completion_tokens: 0,
    cost_usd: 0,
    requests: 0,
    unpriced_requests: 0,
  });
});
