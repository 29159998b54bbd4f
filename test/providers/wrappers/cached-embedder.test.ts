import { describe, expect, test } from "vitest";
import { createSqliteCache } from "#providers/sqlite/cache.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { RagError } from "#rag/errors.ts";
import type { Embedder, EmbeddingCache } from "#rag/ports.ts";
import { hashEmbedder, hashVector } from "../_hash-embedder.ts";
import { openForTest, temporaryFolder } from "../sqlite/_sqlite.ts";

/** The hash embedder, recording the requested texts. */
function recorded(fields: Partial<Embedder> = {}) {
  const requested: string[][] = [];
  const embedder: Embedder = {
    ...hashEmbedder,
    ...fields,
    embed: (texts) => {
      requested.push([...texts]);
      return (fields.embed ?? hashEmbedder.embed)(texts);
    },
  };
  return { requested, embedder };
}

test("does not embed a cached text again, and counts it as a hit", async () => {
  const { requested, embedder } = recorded();
  const cached = createCachedEmbedder(embedder, createSqliteCache(await openForTest()));
  expect(await cached.embed(["a", "b"])).toMatchObject({
    vectors: [hashVector("a"), hashVector("b")],
    cacheHits: 0,
    tokens: 2,
  });
  expect(await cached.embed(["b", "c", "a"])).toMatchObject({
    vectors: [hashVector("b"), hashVector("c"), hashVector("a")],
    cacheHits: 2,
    tokens: 1,
  });
  expect(await cached.embed(["a"])).toEqual({ vectors: [hashVector("a")], cacheHits: 1, tokens: 0 });
  expect(requested).toEqual([["a", "b"], ["c"]]);
});

test("embeds duplicate texts of one call once", async () => {
  const { requested, embedder } = recorded();
  const cached = createCachedEmbedder(embedder, createSqliteCache(await openForTest()));
  const { vectors, cacheHits } = await cached.embed(["a", "b", "a", "a"]);
  expect(vectors).toEqual(["a", "b", "a", "a"].map((text) => hashVector(text)));
  expect(cacheHits).toBe(0);
  expect(requested).toEqual([["a", "b"]]);
  expect((await cached.embed(["a", "a"])).cacheHits).toBe(2);
});

test("does not call the embedder without texts", async () => {
  const { requested, embedder } = recorded();
  const cached = createCachedEmbedder(embedder, createSqliteCache(await openForTest()));
  expect(await cached.embed([])).toEqual({ vectors: [], cacheHits: 0, tokens: 0 });
  expect(requested).toEqual([]);
});

test("has separate entries per model and number of dimensions", async () => {
  const cache = createSqliteCache(await openForTest());
  await createCachedEmbedder(hashEmbedder, cache).embed(["a"]);
  for (const fields of [{ model: "other" }, { dimensions: 64 }]) {
    const { requested, embedder } = recorded(fields);
    await createCachedEmbedder(embedder, cache).embed(["a"]);
    expect(requested).toEqual([["a"]]);
  }
});

test("has the identity of the embedder", async () => {
  const cached = createCachedEmbedder(
    { ...hashEmbedder, address: "api.example.com" },
    createSqliteCache(await openForTest()),
  );
  expect(cached).toMatchObject({ provider: "test", model: "hash", dimensions: 32, address: "api.example.com" });
});

test("treats a cached vector of a wrong length as a miss and replaces it", async () => {
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

test("reports a cache that cannot be read or written, and embeds without it", async () => {
  const errors: RagError[] = [];
  const fail = async () => {
    throw new Error("disk full");
  };
  const unreadable = createCachedEmbedder(
    hashEmbedder,
    { getMany: fail, setMany: fail },
    { onCacheError: (error) => errors.push(error) },
  );
  expect((await unreadable.embed(["a"])).vectors).toEqual([hashVector("a")]);
  expect(errors).toHaveLength(1);
  const unwritable = createCachedEmbedder(
    hashEmbedder,
    { getMany: async (keys) => keys.map(() => undefined), setMany: fail },
    { onCacheError: (error) => errors.push(error) },
  );
  expect((await unwritable.embed(["a"])).vectors).toEqual([hashVector("a")]);
  expect(errors).toHaveLength(2);
  for (const error of errors) {
    expect(error).toBeInstanceOf(RagError);
    expect(error).toMatchObject({ stage: "cache", message: expect.stringContaining("disk full") });
  }
});

test("throws the embedder's error and caches nothing", async () => {
  const cache = createSqliteCache(await openForTest());
  const { embedder } = recorded({ embed: () => Promise.reject(new Error("no key")) });
  await expect(createCachedEmbedder(embedder, cache).embed(["a"])).rejects.toThrow("no key");
  const short = recorded({ embed: async () => ({ vectors: [], cacheHits: 0, tokens: 0 }) });
  await expect(createCachedEmbedder(short.embedder, cache).embed(["a"])).rejects.toMatchObject({ stage: "embedding" });
  expect((await createCachedEmbedder(hashEmbedder, cache).embed(["a"])).cacheHits).toBe(0);
});

test("uses entries that an earlier connection has written", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  const first = await openForTest({ path });
  await createCachedEmbedder(hashEmbedder, createSqliteCache(first)).embed(["a"]);
  first.close();
  const { requested, embedder } = recorded();
  const again = createCachedEmbedder(embedder, createSqliteCache(await openForTest({ path })));
  expect((await again.embed(["a"])).cacheHits).toBe(1);
  expect(requested).toEqual([]);
});

/** A cache without entries whose writes are ended by the test. */
function slowCache() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cache: EmbeddingCache = { getMany: async (keys) => keys.map(() => undefined), setMany: () => promise };
  return { cache, written: resolve, failed: reject };
}

test("returns a question's vector while it is written, and the documents' when they are", async () => {
  const { cache, written } = slowCache();
  const cached = createCachedEmbedder(hashEmbedder, cache);
  const { vectors, pending } = await cached.embed(["a"]);
  expect(vectors).toEqual([hashVector("a")]);
  let isStored = false;
  const documents = cached.embed(["b"], { kind: "passage" });
  void documents.then(() => {
    isStored = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isStored).toBe(false);
  written();
  expect(await pending).toBeUndefined();
  expect(await documents).toEqual({ vectors: [hashVector("b")], cacheHits: 0, tokens: 1 });
});

test("a write that fails later is reported once, and one that is aborted is not a failure", async () => {
  const errors: RagError[] = [];
  const full = slowCache();
  const { pending, cacheError } = await createCachedEmbedder(hashEmbedder, full.cache, {
    onCacheError: (error) => errors.push(error),
  }).embed(["a"]);
  expect(cacheError).toBeUndefined();
  full.failed(new Error("disk full"));
  expect(await pending).toMatchObject({ stage: "cache", message: expect.stringContaining("disk full") });

  const stop = new AbortController();
  const slow = slowCache();
  const aborted = await createCachedEmbedder(hashEmbedder, slow.cache, {
    onCacheError: (error) => errors.push(error),
  }).embed(["a"], { signal: stop.signal });
  stop.abort(new Error("gone"));
  slow.failed(new Error("aborted"));
  expect(await aborted.pending).toBeUndefined();
  expect(errors).toHaveLength(1);
});

test("takes what was looked up before, and looks again when that failed", async () => {
  const reads: string[][] = [];
  const cache: EmbeddingCache = {
    async getMany(keys) {
      reads.push([...keys]);
      if (reads.length === 2) throw new Error("down");
      return keys.map(() => hashVector("kept"));
    },
    setMany: async () => {},
  };
  const { readCache, embed } = createCachedEmbedder(hashEmbedder, cache);
  const cached = readCache?.(["a"], { tenant: "t" });
  expect(await embed(["a"], { tenant: "t", ...(cached && { cached }) })).toEqual({
    vectors: [hashVector("kept")],
    cacheHits: 1,
    tokens: 0,
  });
  expect(reads).toHaveLength(1);
  expect(reads[0]?.[0]).toMatch(/^t:/);
  const failing = readCache?.(["a"]);
  failing?.catch(() => {});
  expect(await embed(["a"], { ...(failing && { cached: failing }) })).toMatchObject({ cacheHits: 1 });
  expect(reads).toHaveLength(3);
});

describe("embedding early", () => {
  /** A cache without entries; what is looked up after `holdLookups` waits for its result. */
  function afterMisses(fields: Partial<Embedder> = {}) {
    const { requested, embedder } = recorded(fields);
    let lookup: Promise<(Float32Array | undefined)[]> | undefined;
    const written: string[] = [];
    const cache: EmbeddingCache = {
      getMany: async (keys) => (await lookup) ?? keys.map(() => undefined),
      setMany: async (entries) => void written.push(...entries.map(([key]) => key)),
    };
    const cached = createCachedEmbedder(embedder, cache, { embedsEarly: true });
    return {
      requested,
      written,
      cached,
      /** Until then lookups do not end. */
      holdLookups() {
        const { promise, resolve } = Promise.withResolvers<(Float32Array | undefined)[]>();
        lookup = promise;
        return { resolve };
      },
      async miss(times: number) {
        for (let time = 0; time < times; time += 1) await cached.embed([`missing ${time}`]);
        requested.length = 0;
        written.length = 0;
      },
    };
  }
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

  test("begins after eight misses, and writes what the cache did not have", async () => {
    const { requested, written, cached, holdLookups, miss } = afterMisses();
    await miss(7);
    const seventh = holdLookups();
    const late = cached.embed(["a"]);
    await turn();
    expect(requested).toEqual([]);
    seventh.resolve([undefined]);
    await late;

    const eighth = holdLookups();
    const early = cached.embed(["b"]);
    await turn();
    expect(requested).toEqual([["a"], ["b"]]);
    eighth.resolve([undefined]);
    const { pending, ...embeddings } = await early;
    expect(embeddings).toEqual({ vectors: [hashVector("b")], cacheHits: 0, tokens: 1 });
    expect(await pending).toBeUndefined();
    expect(written).toHaveLength(2);
    expect(requested).toEqual([["a"], ["b"]]);
  });

  test("a hit is returned before the vector that it makes needless, which is left pending, and ends it", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let waits = false;
    const { requested, written, cached, holdLookups, miss } = afterMisses({
      embed: async (texts) => {
        if (waits) await promise;
        return hashEmbedder.embed(texts);
      },
    });
    await miss(8);
    waits = true;
    holdLookups().resolve([hashVector("kept")]);
    const { pending, ...embeddings } = await cached.embed(["a"]);
    expect(embeddings).toEqual({ vectors: [hashVector("kept")], cacheHits: 1, tokens: 0 });
    let isOver = false;
    void pending?.then(() => {
      isOver = true;
    });
    await turn();
    expect(isOver).toBe(false);
    resolve();
    expect(await pending).toBeUndefined();
    expect(isOver).toBe(true);
    await cached.embed(["b"]);
    expect([requested, written]).toEqual([[["a"]], []]);
  });

  test("its failure is one only if the cache has no vector", async () => {
    let fails = false;
    const { cached, holdLookups, miss } = afterMisses({
      embed: async (texts) => {
        if (fails) throw new Error("no key");
        return hashEmbedder.embed(texts);
      },
    });
    await miss(8);
    fails = true;
    holdLookups().resolve([undefined]);
    await expect(cached.embed(["a"])).rejects.toThrow("no key");
    holdLookups().resolve([hashVector("kept")]);
    const { vectors, pending } = await cached.embed(["a"]);
    expect(vectors).toEqual([hashVector("kept")]);
    expect(await pending).toBeUndefined();
  });

  test("not documents, nor what is being looked up already, nor unless it is wanted", async () => {
    const { requested, cached, holdLookups, miss } = afterMisses();
    await miss(8);
    const { resolve } = holdLookups();
    const lookup = cached.readCache?.(["a"]);
    const all = [cached.embed(["a"], { ...(lookup && { cached: lookup }) }), cached.embed(["b"], { kind: "passage" })];
    const other = recorded();
    const plain = createCachedEmbedder(other.embedder, { getMany: async () => [undefined], setMany: async () => {} });
    for (let time = 0; time < 9; time += 1) await plain.embed([`missing ${time}`]);
    other.requested.length = 0;
    const begun = plain.embed(["c"]);
    expect(other.requested).toEqual([]);
    await turn();
    expect(requested).toEqual([]);
    resolve([undefined]);
    await Promise.all([...all, begun]);
  });
});
