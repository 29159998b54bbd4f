import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deliver, sqsEvent } from "../support/sqs-event.ts";
import { invoke, type Reply } from "./_lambda.ts";

const KEYS = { alice: "erag_alice", bob: "erag_bob", reader: "erag_reader" };
const QUESTION = { question: "How do bees tell where flowers are?" };
const bees = (of: string, topic: number) => ({
  documents: [{ id: "bees", text: `Bees of ${of} tell where flowers are by a dance.`, topic_ids: [topic] }],
});

let dataDir: string;
let call: Record<"query" | "embed" | "health", (...request: [string, string, unknown?, string?]) => Promise<Reply>>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "edge-rag-keys-"));
  const entry = (tenant: string, key: string) => `${tenant}:${createHash("sha256").update(key).digest("hex")}`;
  const RAG_API_KEYS = `${entry("alice", KEYS.alice)},${entry("bob", KEYS.bob)},${entry("alice", KEYS.reader)}:1`;
  Object.assign(process.env, { RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false", RAG_API_KEYS });
  const functions = await Promise.all([
    import("../../functions/query.ts"),
    import("../../functions/embed.ts"),
    import("../../functions/health.ts"),
  ]);
  const [query, embed, health] = functions.map(({ handler }) => {
    return (method: string, path: string, body?: unknown, key?: string) =>
      invoke(handler, method, path, body, key === undefined ? {} : { authorization: `Bearer ${key}` });
  });
  if (query && embed && health) call = { query, embed, health };
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

it("the functions enforce keys, tenants and topics", async () => {
  expect((await call.embed("POST", "/embed", bees("alice", 1), KEYS.alice)).body.documents[0].status).toBe("created");
  expect((await call.embed("POST", "/embed", bees("bob", 2), KEYS.bob)).body.documents[0].status).toBe("created");
  for (const [key, text] of [
    [KEYS.alice, "Bees of alice"],
    [KEYS.bob, "Bees of bob"],
    [KEYS.reader, "Bees of alice"],
  ]) {
    const { body } = await call.query("POST", "/query", QUESTION, key);
    expect(body.citations.map((citation: { text: string }) => citation.text)).toEqual([
      expect.stringContaining(text ?? ""),
    ]);
    expect(body.cache.embedding).toBe(key === KEYS.reader);
  }
  await call.embed("POST", "/embed", bees("alice", 2), KEYS.alice);
  expect((await call.query("POST", "/query", QUESTION, KEYS.reader)).body.citations).toEqual([]);
  expect((await call.embed("DELETE", "/embed/bees", undefined, KEYS.reader)).status).toBe(403);
  expect((await call.embed("DELETE", "/embed/bees", undefined, KEYS.bob)).status).toBe(200);
  expect((await call.query("POST", "/query", QUESTION, KEYS.alice)).body.citations).toHaveLength(1);
});

it("a queue message is stored for the tenant in its attribute, and fails without a known tenant", async () => {
  const body = bees("alice", 1);
  const { handler } = await import("../../functions/embed.ts");
  const failed = await deliver(
    handler,
    sqsEvent(
      {
        id: "bob",
        body: { documents: [{ id: "ants", text: "Ants mark the way to food." }] },
        attributes: { tenant: "bob" },
      },
      { id: "nobody", body },
      { id: "mallory", body, attributes: { tenant: "mallory" } },
      { id: "key", body, attributes: { authorization: `Bearer ${KEYS.alice}` } },
    ),
  );
  expect(failed).toEqual(["nobody", "mallory", "key"]);
  const ask = async (key: string) => {
    const { body } = await call.query("POST", "/query", { question: "How do ants mark the way to food?" }, key);
    return body.citations.map((citation: { document_id: string }) => citation.document_id);
  };
  expect(await ask(KEYS.bob)).toContain("ants");
  expect(await ask(KEYS.alice)).not.toContain("ants");
});

it("without a key every route but liveness returns 401", async () => {
  expect((await call.query("POST", "/query", QUESTION)).status).toBe(401);
  expect((await call.embed("POST", "/embed", bees("nobody", 1))).status).toBe(401);
  expect((await call.embed("DELETE", "/embed/bees")).status).toBe(401);
  expect((await call.health("GET", "/health?deep=1")).status).toBe(401);
  expect((await call.health("GET", "/health")).status).toBe(200);
  expect((await call.health("GET", "/health?deep=1", undefined, KEYS.alice)).status).toBe(200);
});
