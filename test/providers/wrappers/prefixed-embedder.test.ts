import { expect, test } from "vitest";
import { prefixesOf } from "#providers/openai/prefixes.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { createPrefixedEmbedder } from "#providers/wrappers/prefixed-embedder.ts";
import type { EmbeddingCache } from "#rag/ports.ts";
import { versionOf } from "#rag/version.ts";
import { hashEmbedder, hashVector } from "../_hash-embedder.ts";

const PREFIXES = { query: "query: ", passage: "passage: " };

test("puts the prefix of the kind before each text; a text is a query unless it is said to be a passage", async () => {
  const embedder = createPrefixedEmbedder(hashEmbedder, PREFIXES);
  expect((await embedder.embed(["bees"])).vectors).toEqual([hashVector("query: bees")]);
  expect((await embedder.embed(["bees", "ants"], { kind: "passage" })).vectors).toEqual(
    ["bees", "ants"].map((t) => hashVector(`passage: ${t}`)),
  );
});

test("a query and a passage with the same text are cached apart", async () => {
  const entries = new Map<string, Float32Array>();
  const cache: EmbeddingCache = {
    getMany: async (keys) => keys.map((key) => entries.get(key)),
    setMany: async (added) => {
      for (const [key, vector] of added) entries.set(key, vector);
    },
  };
  const embedder = createPrefixedEmbedder(createCachedEmbedder(hashEmbedder, cache), PREFIXES);
  await embedder.embed(["bees"], { kind: "passage" });
  expect((await embedder.embed(["bees"])).cacheHits).toBe(0);
  expect((await embedder.embed(["bees"])).cacheHits).toBe(1);
  const [query] = (await embedder.readCache?.(["bees"])) ?? [];
  const [passage, unknown] = (await embedder.readCache?.(["bees", "ants"], { kind: "passage" })) ?? [];
  expect([query, passage, unknown]).toEqual([hashVector("query: bees"), hashVector("passage: bees"), undefined]);
});

test("a document's version depends on the prefix of passages, and not on that of queries", async () => {
  const version = (prefixes?: { query: string; passage: string }) =>
    versionOf(["text"], { model: "m", dimensions: 3, ...(prefixes && { prefixes }) });
  const plain = await version();
  expect(await version(PREFIXES)).not.toBe(plain);
  expect(await version({ query: "query: ", passage: "" })).toBe(plain);
});

test.each([
  ["nomic-embed-text", "search_query: ", "search_document: "],
  ["nomic-embed-text-v1.5.Q8_0.gguf", "search_query: ", "search_document: "],
  ["nomic-ai/nomic-embed-text-v2-moe", "search_query: ", "search_document: "],
  ["intfloat/multilingual-e5-small", "query: ", "passage: "],
  ["e5-base-v2", "query: ", "passage: "],
  ["jeffh/intfloat-multilingual-e5-large:f16", "query: ", "passage: "],
  ["BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""],
  ["mxbai-embed-large", "Represent this sentence for searching relevant passages: ", ""],
  ["Snowflake/snowflake-arctic-embed-m-v1.5", "Represent this sentence for searching relevant passages: ", ""],
  ["snowflake-arctic-embed2", "query: ", ""],
  ["Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""],
  ["google/embeddinggemma-300m", "task: search result | query: ", "title: none | text: "],
])("the prefixes of %s are known", (model, query, passage) => {
  expect(prefixesOf(model, {})).toEqual({ query, passage });
});

test.each(["Qwen/Qwen3-Embedding-0.6B", "intfloat/multilingual-e5-large-instruct", "intfloat/e5-mistral-7b-instruct"])(
  "the instruction of %s goes before queries only",
  (model) => {
    const prefixes = prefixesOf(model, {});
    expect(prefixes?.query).toMatch(/^Instruct: .+\nQuery: $/);
    expect(prefixes?.passage).toBe("");
  },
);

test.each(["text-embedding-3-small", "bge-m3", "all-minilm", "gte-large", "mistral-embed"])("%s has none", (model) => {
  expect(prefixesOf(model, {})).toBeUndefined();
});

test("configured prefixes go before known ones, and empty ones turn them off", () => {
  expect(prefixesOf("nomic-embed-text", { queryPrefix: "q: " })).toEqual({
    query: "q: ",
    passage: "search_document: ",
  });
  expect(prefixesOf("nomic-embed-text", { queryPrefix: "", passagePrefix: "" })).toBeUndefined();
  expect(prefixesOf("mine", { passagePrefix: "p: " })).toEqual({ query: "", passage: "p: " });
});
