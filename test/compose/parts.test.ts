import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createParts } from "#compose/parts.ts";
import { readConfig } from "#config/env.ts";

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "edge-rag-parts-"));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function capture() {
  const lines: string[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    lines.push(String(chunk));
    return true;
  });
  return { lines, restore: () => write.mockRestore() };
}

it("logs a 5xx as one JSON line with its trace id, and no 4xx", async () => {
  const { server } = await createParts(readConfig({ RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false" }));
  const log = capture();
  const cause = new Error("connection refused");
  server.onError(new Error("outer", { cause }), { route: "/query", status: 500, stage: undefined, traceId: "abc" });
  server.onError(new Error("theirs"), { route: "/query", status: 400, stage: "validation", traceId: "abc" });
  log.restore();
  expect(log.lines).toHaveLength(1);
  expect(JSON.parse(log.lines[0] ?? "")).toMatchObject({
    level: "error",
    route: "/query",
    status: 500,
    trace_id: "abc",
    error: "Error",
    message: "outer",
    cause: expect.stringContaining("connection refused"),
  });
});

it("goes on without a cache that fails, and logs it", async () => {
  const parts = await createParts(readConfig({ RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false" }));
  const answer = await parts.answer();
  const store = new DatabaseSync(join(dataDir, "store.db"));
  store.exec("DROP TABLE embeddings");
  store.close();
  const log = capture();
  const { answered, cache } = await answer({ question: "Is anybody there?", topK: 1 });
  log.restore();
  expect({ answered, cache }).toEqual({ answered: false, cache: { embedding: false } });
  expect(JSON.parse(log.lines[0] ?? "")).toMatchObject({ level: "error", stage: "cache" });
});
