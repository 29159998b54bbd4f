import { expect, test } from "vitest";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { createSharedEmbedder, type SharedEmbedderOptions } from "#providers/wrappers/shared-embedder.ts";
import type { Embedder, EmbeddingCache, Embeddings } from "#rag/ports.ts";
import { hashEmbedder, hashVector } from "../_hash-embedder.ts";

/** A shared embedder whose calls answer when told to. */
function held(options: SharedEmbedderOptions = {}, fields: Partial<Embedder> = {}) {
  const calls: { texts: readonly string[]; answer: () => Promise<void>; fail: (error: Error) => void }[] = [];
  const embedder: Embedder = {
    ...hashEmbedder,
    ...fields,
    embed(texts) {
      const { promise, resolve, reject } = Promise.withResolvers<Embeddings>();
      calls.push({ texts, answer: async () => resolve(await hashEmbedder.embed(texts)), fail: reject });
      return promise;
    },
  };
  return { calls, shared: createSharedEmbedder(embedder, options) };
}

const asked = (calls: readonly { texts: readonly string[] }[]) => calls.map(({ texts }) => texts);

test("a hundred callers of one text wait for one call, and one of them pays", async () => {
  const { calls, shared } = held();
  const all = Array.from({ length: 100 }, () => shared.embed(["a"]));
  expect(asked(calls)).toEqual([["a"]]);
  await calls[0]?.answer();
  const [first, ...others] = await Promise.all(all);
  expect(first).toEqual({ vectors: [hashVector("a")], cacheHits: 0, tokens: 1 });
  for (const other of others) expect(other).toEqual({ vectors: [hashVector("a")], cacheHits: 1, tokens: 0 });
});

test("a caller with other texts too asks for those alone, and has all in order", async () => {
  const { calls, shared } = held();
  const first = shared.embed(["a", "b"]);
  const second = shared.embed(["c", "b", "a", "c", "d", "b"]);
  const third = shared.embed(["d", "a"]);
  expect(asked(calls)).toEqual([
    ["a", "b"],
    ["c", "c", "d"],
  ]);
  await calls[1]?.answer();
  await calls[0]?.answer();
  expect((await first).vectors).toEqual(["a", "b"].map((text) => hashVector(text)));
  expect(await second).toEqual({
    vectors: ["c", "b", "a", "c", "d", "b"].map((text) => hashVector(text)),
    cacheHits: 3,
    tokens: 3,
  });
  expect(await third).toEqual({ vectors: ["d", "a"].map((text) => hashVector(text)), cacheHits: 2, tokens: 0 });
});

test("a call that is over is not shared any more", async () => {
  const { calls, shared } = held();
  const first = shared.embed(["a"]);
  await calls[0]?.answer();
  await first;
  const second = shared.embed(["a"]);
  await calls[1]?.answer();
  expect(await second).toMatchObject({ cacheHits: 0, tokens: 1 });
});

test("who waits for a call fails with it; the next caller starts anew", async () => {
  const { calls, shared } = held();
  const all = [shared.embed(["a"]), shared.embed(["b", "a"])];
  await calls[1]?.answer();
  calls[0]?.fail(new Error("no key"));
  for (const result of await Promise.allSettled(all)) expect(result).toMatchObject({ reason: new Error("no key") });
  const again = shared.embed(["a"]);
  await calls[2]?.answer();
  expect((await again).vectors).toEqual([hashVector("a")]);
});

test("a call that takes too long gets no more company, and cannot end its successor's sharing", async () => {
  let time = 0;
  const { calls, shared } = held({ maxAgeMs: 1_000, now: () => time });
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
  await calls[1]?.answer();
  expect(await fresh).toMatchObject({ cacheHits: 0 });
  expect(await another).toMatchObject({ cacheHits: 1 });
});

test("around a cache it shares reads and writes too", async () => {
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

test("cache hits of the embedder inside are kept, doubles counted", async () => {
  const shared = createSharedEmbedder({
    ...hashEmbedder,
    embed: async (texts) => ({ ...(await hashEmbedder.embed(texts)), cacheHits: texts.length, tokens: 0 }),
  });
  expect(await shared.embed(["a", "a", "b"])).toMatchObject({ cacheHits: 3, tokens: 0 });
});

test("no text, no call", async () => {
  const { calls, shared } = held();
  expect(await shared.embed([])).toEqual({ vectors: [], cacheHits: 0, tokens: 0 });
  expect(calls).toEqual([]);
});

test("an embedder that returns too few vectors fails everybody with the stage", async () => {
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

test("an embedder that throws at once is an error like any other", async () => {
  const shared = createSharedEmbedder({
    ...hashEmbedder,
    embed: () => {
      throw new Error("no key");
    },
  });
  await expect(shared.embed(["a"])).rejects.toThrow("no key");
  await expect(shared.embed(["a"])).rejects.toThrow("no key");
});

test("it keeps the identity of the embedder", () => {
  const { shared } = held({}, { address: "api.example.com" });
  expect(shared).toMatchObject({ provider: "test", model: "hash", dimensions: 32, address: "api.example.com" });
});
