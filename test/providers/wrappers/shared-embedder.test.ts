import { expect, test } from "vitest";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { createSharedEmbedder, type SharedEmbedderOptions } from "#providers/wrappers/shared-embedder.ts";
import { RagError } from "#rag/errors.ts";
import type { Embedder, EmbeddingCache, Embeddings } from "#rag/ports.ts";
import { hashEmbedder, hashVector } from "../_hash-embedder.ts";

/** A shared embedder whose calls are settled by the test. */
function controlled(options: SharedEmbedderOptions = {}, fields: Partial<Embedder> = {}) {
  const calls: { texts: readonly string[]; respond: () => Promise<void>; fail: (error: Error) => void }[] = [];
  const embedder: Embedder = {
    ...hashEmbedder,
    ...fields,
    embed(texts) {
      const { promise, resolve, reject } = Promise.withResolvers<Embeddings>();
      calls.push({ texts, respond: async () => resolve(await hashEmbedder.embed(texts)), fail: reject });
      return promise;
    },
  };
  return { calls, shared: createSharedEmbedder(embedder, options) };
}

const textsOf = (calls: readonly { texts: readonly string[] }[]) => calls.map(({ texts }) => texts);

test("a hundred callers with the same text share one call, billed once", async () => {
  const { calls, shared } = controlled();
  const all = Array.from({ length: 100 }, () => shared.embed(["a"]));
  expect(textsOf(calls)).toEqual([["a"]]);
  await calls[0]?.respond();
  const [first, ...others] = await Promise.all(all);
  expect(first).toEqual({ vectors: [hashVector("a")], cacheHits: 0, tokens: 1 });
  for (const other of others) expect(other).toEqual({ vectors: [hashVector("a")], cacheHits: 1, tokens: 0 });
});

test("embeds only the texts that are not already being embedded, and returns all in order", async () => {
  const { calls, shared } = controlled();
  const first = shared.embed(["a", "b"]);
  const second = shared.embed(["c", "b", "a", "c", "d", "b"]);
  const third = shared.embed(["d", "a"]);
  expect(textsOf(calls)).toEqual([
    ["a", "b"],
    ["c", "c", "d"],
  ]);
  await calls[1]?.respond();
  await calls[0]?.respond();
  expect((await first).vectors).toEqual(["a", "b"].map((text) => hashVector(text)));
  expect(await second).toEqual({
    vectors: ["c", "b", "a", "c", "d", "b"].map((text) => hashVector(text)),
    cacheHits: 3,
    tokens: 3,
  });
  expect(await third).toEqual({ vectors: ["d", "a"].map((text) => hashVector(text)), cacheHits: 2, tokens: 0 });
});

test("does not share a call that has finished", async () => {
  const { calls, shared } = controlled();
  const first = shared.embed(["a"]);
  await calls[0]?.respond();
  await first;
  const second = shared.embed(["a"]);
  await calls[1]?.respond();
  expect(await second).toMatchObject({ cacheHits: 0, tokens: 1 });
});

test("rejects all who wait for a failed call; the next caller starts a new one", async () => {
  const { calls, shared } = controlled();
  const all = [shared.embed(["a"]), shared.embed(["b", "a"])];
  await calls[1]?.respond();
  calls[0]?.fail(new Error("no key"));
  for (const result of await Promise.allSettled(all)) expect(result).toMatchObject({ reason: new Error("no key") });
  const again = shared.embed(["a"]);
  await calls[2]?.respond();
  expect((await again).vectors).toEqual([hashVector("a")]);
});

test("does not join a call older than `maxAgeMs`, whose end does not affect its successor", async () => {
  let time = 0;
  const { calls, shared } = controlled({ maxAgeMs: 1_000, now: () => time });
  const stuck = shared.embed(["a"]);
  time = 1_000;
  const patient = shared.embed(["a"]);
  time = 1_001;
  const fresh = shared.embed(["a"]);
  expect(calls).toHaveLength(2);
  calls[0]?.fail(new Error("timeout"));
  await expect(stuck).rejects.toThrow("timeout");
  await expect(patient).rejects.toThrow("timeout");
  const another = shared.embed(["a"]);
  expect(calls).toHaveLength(2);
  await calls[1]?.respond();
  expect(await fresh).toMatchObject({ cacheHits: 0 });
  expect(await another).toMatchObject({ cacheHits: 1 });
});

test("shares cache reads and writes of the embedder that it wraps", async () => {
  const reads: string[][] = [];
  const writes: string[][] = [];
  const cache: EmbeddingCache = {
    getMany: async (keys) => {
      reads.push([...keys]);
      return keys.map(() => undefined);
    },
    setMany: async (entries) => void writes.push(entries.map(([key]) => key)),
  };
  const shared = createSharedEmbedder(createCachedEmbedder(hashEmbedder, cache));
  await Promise.all(Array.from({ length: 20 }, () => shared.embed(["a"])));
  expect([reads.length, writes.length]).toEqual([1, 1]);
});

test("callers join until the vector is in the cache, and learn whether it could be written", async () => {
  let calls = 0;
  const { promise: pending, resolve: written } = Promise.withResolvers<RagError | undefined>();
  const shared = createSharedEmbedder({
    ...hashEmbedder,
    async embed(texts) {
      calls += 1;
      return { ...(await hashEmbedder.embed(texts)), pending };
    },
  });
  const first = await shared.embed(["a"]);
  const second = await shared.embed(["a"]);
  expect([calls, second.cacheHits]).toEqual([1, 1]);
  const error = new RagError("cache", "full");
  written(error);
  expect([await first.pending, await second.pending]).toEqual([error, error]);
  await shared.embed(["a"]);
  expect(calls).toBe(2);
});

test("adds the cache hits of the wrapped embedder, duplicates included", async () => {
  const shared = createSharedEmbedder({
    ...hashEmbedder,
    embed: async (texts) => ({ ...(await hashEmbedder.embed(texts)), cacheHits: texts.length, tokens: 0 }),
  });
  expect(await shared.embed(["a", "a", "b"])).toMatchObject({ cacheHits: 3, tokens: 0 });
});

test("makes no call without texts", async () => {
  const { calls, shared } = controlled();
  expect(await shared.embed([])).toEqual({ vectors: [], cacheHits: 0, tokens: 0 });
  expect(calls).toEqual([]);
});

test("rejects all callers with the stage when the embedder returns too few vectors", async () => {
  const shared = createSharedEmbedder({
    ...hashEmbedder,
    embed: async () => ({ vectors: [hashVector("a")], cacheHits: 0, tokens: 0 }),
  });
  for (const result of await Promise.allSettled([shared.embed(["a", "b"]), shared.embed(["b"])])) {
    expect(result).toMatchObject({
      reason: { stage: "embedding", message: "hash returned 1 vectors for 2 texts" },
    });
  }
});

test("rejects when the embedder throws synchronously", async () => {
  const shared = createSharedEmbedder({
    ...hashEmbedder,
    embed: () => {
      throw new Error("no key");
    },
  });
  await expect(shared.embed(["a"])).rejects.toThrow("no key");
  await expect(shared.embed(["a"])).rejects.toThrow("no key");
});

test("has the identity of the embedder", () => {
  const { shared } = controlled({}, { address: "api.example.com" });
  expect(shared).toMatchObject({ provider: "test", model: "hash", dimensions: 32, address: "api.example.com" });
});
