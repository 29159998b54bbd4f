import { expect, test } from "vitest";
import { createSqliteCache } from "#providers/sqlite/cache.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { RagError } from "#rag/errors.ts";
import type { Embedder, EmbeddingCache } from "#rag/ports.ts";
import { hashEmbedder, hashVector } from "../_hash-embedder.ts";
import { openForTest, temporaryFolder } from "../sqlite/_sqlite.ts";

/** The hash embedder, keeping a list of what it was asked. */
function recorded(fields: Partial<Embedder> = {}) {
  const asked: string[][] = [];
  const embedder: Embedder = {
    ...hashEmbedder,
    ...fields,
    embed: (texts) => {
      asked.push([...texts]);
      return (fields.embed ?? hashEmbedder.embed)(texts);
    },
  };
  return { asked, embedder };
}

test("a known text is not embedded again and counts as a hit", async () => {
  const { asked, embedder } = recorded();
  const cached = createCachedEmbedder(embedder, createSqliteCache(await openForTest()));
  expect(await cached.embed(["a", "b"])).toEqual({
    vectors: [hashVector("a"), hashVector("b")],
    cacheHits: 0,
    tokens: 2,
  });
  expect(await cached.embed(["b", "c", "a"])).toEqual({
    vectors: [hashVector("b"), hashVector("c"), hashVector("a")],
    cacheHits: 2,
    tokens: 1,
  });
  expect(await cached.embed(["a"])).toEqual({ vectors: [hashVector("a")], cacheHits: 1, tokens: 0 });
  expect(asked).toEqual([["a", "b"], ["c"]]);
});

test("equal texts in one call are embedded once", async () => {
  const { asked, embedder } = recorded();
  const cached = createCachedEmbedder(embedder, createSqliteCache(await openForTest()));
  const { vectors, cacheHits } = await cached.embed(["a", "b", "a", "a"]);
  expect(vectors).toEqual(["a", "b", "a", "a"].map((text) => hashVector(text)));
  expect(cacheHits).toBe(0);
  expect(asked).toEqual([["a", "b"]]);
  expect((await cached.embed(["a", "a"])).cacheHits).toBe(2);
});

test("no text, no work", async () => {
  const { asked, embedder } = recorded();
  const cached = createCachedEmbedder(embedder, createSqliteCache(await openForTest()));
  expect(await cached.embed([])).toEqual({ vectors: [], cacheHits: 0, tokens: 0 });
  expect(asked).toEqual([]);
});

test("another model or number of dimensions has its own entries", async () => {
  const cache = createSqliteCache(await openForTest());
  await createCachedEmbedder(hashEmbedder, cache).embed(["a"]);
  for (const fields of [{ model: "other" }, { dimensions: 64 }]) {
    const { asked, embedder } = recorded(fields);
    await createCachedEmbedder(embedder, cache).embed(["a"]);
    expect(asked).toEqual([["a"]]);
  }
});

test("it keeps the identity of the embedder", async () => {
  const cached = createCachedEmbedder(
    { ...hashEmbedder, address: "api.example.com" },
    createSqliteCache(await openForTest()),
  );
  expect(cached).toMatchObject({ provider: "test", model: "hash", dimensions: 32, address: "api.example.com" });
});

test("a cached vector of a wrong length counts as unknown and is replaced", async () => {
  const sets: (readonly (readonly [string, Float32Array])[])[] = [];
  const cache: EmbeddingCache = {
    getMany: async (keys) => keys.map(() => new Float32Array(3)),
    setMany: async (entries) => void sets.push(entries),
  };
  const { vectors, cacheHits } = await createCachedEmbedder(hashEmbedder, cache).embed(["a"]);
  expect(vectors).toEqual([hashVector("a")]);
  expect(cacheHits).toBe(0);
  expect(sets[0]?.[0]?.[1]).toEqual(hashVector("a"));
});

test("a cache that cannot be read or written is reported and costs nothing but the work", async () => {
  const errors: RagError[] = [];
  const fail = async () => {
    throw new Error("disk full");
  };
  const unreadable = createCachedEmbedder(hashEmbedder, { getMany: fail, setMany: fail }, (error) =>
    errors.push(error),
  );
  expect((await unreadable.embed(["a"])).vectors).toEqual([hashVector("a")]);
  expect(errors).toHaveLength(1);
  const unwritable = createCachedEmbedder(
    hashEmbedder,
    { getMany: async (keys) => keys.map(() => undefined), setMany: fail },
    (error) => errors.push(error),
  );
  expect((await unwritable.embed(["a"])).vectors).toEqual([hashVector("a")]);
  expect(errors).toHaveLength(2);
  for (const error of errors) {
    expect(error).toBeInstanceOf(RagError);
    expect(error).toMatchObject({ stage: "cache", message: expect.stringContaining("disk full") });
  }
});

test("an error of the embedder is passed on, and nothing is cached", async () => {
  const cache = createSqliteCache(await openForTest());
  const { embedder } = recorded({ embed: () => Promise.reject(new Error("no key")) });
  await expect(createCachedEmbedder(embedder, cache).embed(["a"])).rejects.toThrow("no key");
  const short = recorded({ embed: async () => ({ vectors: [], cacheHits: 0, tokens: 0 }) });
  await expect(createCachedEmbedder(short.embedder, cache).embed(["a"])).rejects.toMatchObject({ stage: "embedding" });
  expect((await createCachedEmbedder(hashEmbedder, cache).embed(["a"])).cacheHits).toBe(0);
});

test("the cache outlives the process's connection", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  const first = await openForTest({ path });
  await createCachedEmbedder(hashEmbedder, createSqliteCache(first)).embed(["a"]);
  first.close();
  const { asked, embedder } = recorded();
  const again = createCachedEmbedder(embedder, createSqliteCache(await openForTest({ path })));
  expect((await again.embed(["a"])).cacheHits).toBe(1);
  expect(asked).toEqual([]);
});
