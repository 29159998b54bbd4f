import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { announceReading } from "#compose/sample-corpus.ts";
import { invoke, type Reply } from "../functions/_lambda.ts";

let dataDir: string;
let query: (body: unknown) => Promise<Reply>;
let handler: typeof import("../../functions/query.ts").handler;
let health: (path: string) => Promise<Reply>;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "edge-rag-reading-"));
  Object.assign(process.env, { RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false" });
  const functions = await Promise.all([import("../../functions/query.ts"), import("../../functions/health.ts")]);
  handler = functions[0].handler;
  query = (body) => invoke(handler, "POST", "/query", body);
  health = (path) => invoke(functions[1].handler, "GET", path);
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const dependencyOf = ({ body }: Reply) =>
  body.dependencies.find(({ name }: { name: string }) => name === "sample corpus");

describe("while the sample corpus is being read,", () => {
  it("questions get a 503 that says how far it is, and answers afterwards", async () => {
    const reading = announceReading(dataDir, 31);
    for (let done = 0; done < 12; done += 1) reading.advance();
    const refused = await query({ question: "How do I turn telemetry off?" });
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ "content-type": "application/problem+json", "retry-after": "2" });
    expect(refused.body).toMatchObject({
      title: "Service unavailable",
      detail: "Still reading the sample corpus, 12 of 31 documents: ask again in a few seconds.",
    });
    const chat = await invoke(handler, "POST", "/v1/chat/completions", {});
    expect(chat.headers).toMatchObject({ "content-type": "application/json", "retry-after": "2" });
    expect(chat.body).toMatchObject({ error: { type: "server_error", message: refused.body.detail } });
    reading.end();
    expect((await query({ question: "How do I turn telemetry off?" })).status).toBe(200);
  });

  it("readiness fails and says why, liveness does not", async () => {
    const reading = announceReading(dataDir, 2);
    reading.advance();
    const deep = await health("/health?deep=1");
    expect(deep.status).toBe(503);
    expect(dependencyOf(deep)).toMatchObject({
      status: "unavailable",
      error: "reading the sample corpus, 1 of 2",
    });
    expect((await health("/health")).status).toBe(200);
    reading.end();
    const ready = await health("/health?deep=1");
    expect([ready.status, dependencyOf(ready)]).toEqual([200, undefined]);
  });
});

describe("announceReading", () => {
  it("leaves nothing behind, and what a killed process left does not count", async () => {
    announceReading(dataDir, 1).end();
    expect(readdirSync(dataDir).filter((name) => name.startsWith("sample-corpus"))).toEqual([]);
    const left = join(dataDir, "sample-corpus.json");
    writeFileSync(left, '{"done":1,"total":2}');
    const minuteAgo = Date.now() / 1_000 - 60;
    utimesSync(left, minuteAgo, minuteAgo);
    expect((await query({ question: "How do I turn telemetry off?" })).status).toBe(200);
    rmSync(left);
  });

  it("ignores a folder that cannot be written", () => {
    const file = join(dataDir, "file");
    writeFileSync(file, "");
    const reading = announceReading(file, 1);
    reading.advance();
    reading.end();
    expect(existsSync(file)).toBe(true);
  });
});
