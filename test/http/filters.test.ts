/** Filters match values of the same type only, keys of any characters, and nothing that JavaScript adds by itself. */
import { beforeAll, expect, it } from "vitest";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { createAnswer } from "#rag/answer.ts";
import { createChunker } from "#rag/chunk.ts";
import { createIngest } from "#rag/ingest.ts";
import { hashEmbedder } from "../providers/_hash-embedder.ts";
import { post, testApp } from "./_app.ts";

const { app } = testApp();
const METADATA = {
  a: {
    ...{ n: 1, s: "1", b: true, "a.b": "x", 'a"b': "y", "o'k": "z", ключ: "да", e: "", f: 0.1, neg: -0 },
    ...{ constructor: "c", toString: "t", nfc: "é" },
  },
  b: { n: "1", b: 1, lang: "EN", f: 0.30000000000000004 },
  c: { n: 1.0, b: "true", lang: "en ", nfc: "e\u0301" },
  d: {},
};

beforeAll(async () => {
  const { model, dimensions } = hashEmbedder;
  const ports = {
    embedder: hashEmbedder,
    store: createSqliteStore(await openSqliteDatabase({ path: ":memory:", model, dimensions })),
    chunker: createChunker({ countTokens }),
    reranker: createLexicalReranker(),
    generator: createExtractiveGenerator(),
  };
  addQueryRoute(app, createAnswer(ports));
  addEmbedRoutes(app, createIngest(ports), ports.store);
  const documents = Object.entries(METADATA).map(([id, metadata]) => {
    return { id, text: "A filter fact about kiwis.", metadata, topic_ids: [1280] };
  });
  expect((await post(app, "/embed", { documents })).status).toBe(200);
});

it.each<[object, string]>([
  [{ n: 1 }, "a c"],
  [{ n: "1" }, "b"],
  [{ b: true }, "a"],
  [{ b: 1 }, "b"],
  [{ b: "true" }, "c"],
  [{ "a.b": "x" }, "a"],
  [{ 'a"b': "y" }, "a"],
  [{ "o'k": "z" }, "a"],
  [{ ключ: "да" }, "a"],
  [{ e: "" }, "a"],
  [{ f: 0.1 }, "a"],
  [{ f: 0.3 }, ""],
  [{ neg: 0 }, "a"],
  [{ constructor: "c" }, "a"],
  [{ toString: "t" }, "a"],
  [{ hasOwnProperty: "x" }, ""],
  [{ nope: "x" }, ""],
  [{ n: [1, "1"] }, "a b c"],
  [{ n: [] }, ""],
  [{}, ""],
  [{ n: 1, b: true }, "a"],
  [{ lang: "en" }, ""],
  [{ nfc: "é" }, "a"],
])("the filter %j finds %j", async (filter, expected) => {
  const response = await post(app, "/query", { question: "kiwis", filter, topic_ids: [1280], top_k: 9 });
  const { citations } = (await response.json()) as { citations: { document_id: string }[] };
  expect(
    citations
      .map(({ document_id }) => document_id)
      .sort()
      .join(" "),
  ).toBe(expected);
});

it.each([
  '{"question":"kiwis","filter":{"n":null}}',
  '{"question":"kiwis","filter":{"__proto__":"x"}}',
  '{"question":"kiwis","filter":{"\\u005f_proto__":"x"}}',
])("returns 400 for %s", async (body) => {
  expect((await post(app, "/query", body)).status).toBe(400);
});
