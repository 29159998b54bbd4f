import fc from "fast-check";
import { expect, test } from "vitest";
import { OpenAIServiceError } from "#providers/openai/error.ts";
import { createBatchedEmbedder } from "#providers/wrappers/batched-embedder.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import type { Embedder } from "#rag/ports.ts";
import { hashEmbedder, hashVector } from "../_hash-embedder.ts";

/** Records its calls; one token per text. */
function recorder(embedder: Embedder = hashEmbedder) {
  const calls: (readonly string[])[] = [];
  const recording: Embedder = {
    ...embedder,
    embed(texts) {
      calls.push(texts);
      return embedder.embed(texts);
    },
  };
  return { calls, recording };
}

test("embeds texts within the limits in one call, and makes no call without texts", async () => {
  const { calls, recording } = recorder();
  const batched = createBatchedEmbedder(recording);
  expect(await batched.embed([])).toEqual({ vectors: [], cacheHits: 0, tokens: 0 });
  await batched.embed(["a", "b"]);
  expect(calls).toEqual([["a", "b"]]);
});

test("embeds a text over the byte limit in a call of its own", async () => {
  const { calls, recording } = recorder();
  await createBatchedEmbedder(recording, { maxBytes: 10 }).embed(["a", "b".repeat(50), "c", "d"]);
  expect(calls).toEqual([["a"], ["b".repeat(50)], ["c", "d"]]);
});

test("returns any texts' vectors in order, from as few calls as the limits allow", async () => {
  const texts = fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 40 });
  const limits = fc.record({ maxTexts: fc.integer({ min: 1, max: 9 }), maxBytes: fc.integer({ min: 1, max: 60 }) });
  const bytes = (batch: readonly string[]) => batch.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  await fc.assert(
    fc.asyncProperty(texts, limits, async (texts, { maxTexts, maxBytes }) => {
      const { calls, recording } = recorder();
      const { vectors, tokens } = await createBatchedEmbedder(recording, { maxTexts, maxBytes }).embed(texts);
      expect(vectors).toEqual(texts.map((text) => hashVector(text)));
      expect(tokens).toBe(texts.length);
      expect(calls.flat()).toEqual(texts);
      for (const [place, batch] of calls.entries()) {
        expect(batch.length).toBeLessThanOrEqual(maxTexts);
        if (batch.length > 1) expect(bytes(batch)).toBeLessThanOrEqual(maxBytes);
        const first = calls[place + 1]?.[0];
        if (first !== undefined && batch.length < maxTexts)
          expect(bytes(batch) + bytes([first])).toBeGreaterThan(maxBytes);
      }
    }),
    { numRuns: 300 },
  );
});

test("stops at the first failing call and rejects with its error", async () => {
  const { calls, recording } = recorder({
    ...hashEmbedder,
    embed: (texts) => (texts.includes("b") ? Promise.reject(new Error("refused")) : hashEmbedder.embed(texts)),
  });
  await expect(createBatchedEmbedder(recording, { maxTexts: 1 }).embed(["a", "b", "c"])).rejects.toThrow("refused");
  expect(calls).toEqual([["a"], ["b"]]);
});

test("fails when a call returns too few vectors", async () => {
  const short: Embedder = {
    ...hashEmbedder,
    embed: async () => ({ vectors: [hashVector("x")], cacheHits: 0, tokens: 1 }),
  };
  await expect(createBatchedEmbedder(short).embed(["a", "b"])).rejects.toThrow("1 vectors for 2 texts");
});

test("has the identity of the embedder", () => {
  const { embed: _, ...identity } = { ...hashEmbedder, address: "api.example" };
  expect(createBatchedEmbedder({ ...hashEmbedder, address: "api.example" })).toMatchObject(identity);
  expect(createBatchedEmbedder(hashEmbedder)).not.toHaveProperty("address");
});

test("halves a batch that is too large for the service, and remembers it", async () => {
  const { calls, recording } = recorder({
    ...hashEmbedder,
    embed: (texts) =>
      texts.length > 10
        ? Promise.reject(new OpenAIServiceError("too many", { code: "batch_too_large", status: 413 }))
        : hashEmbedder.embed(texts),
  });
  const batched = createBatchedEmbedder(recording, { maxTexts: 32 });
  const texts = Array.from({ length: 40 }, (_, index) => `text ${index}`);
  expect((await batched.embed(texts)).vectors).toEqual(texts.map((text) => hashVector(text)));
  expect(calls.map((batch) => batch.length)).toEqual([32, 16, 8, 8, 8, 8, 8]);
  await batched.embed(texts.slice(0, 16));
  expect(calls.slice(7).map((batch) => batch.length)).toEqual([8, 8]);
});

test("a single text that is too large fails", async () => {
  const error = new OpenAIServiceError("too large", { code: "batch_too_large", status: 413 });
  const batched = createBatchedEmbedder({ ...hashEmbedder, embed: () => Promise.reject(error) });
  await expect(batched.embed(["a", "b"])).rejects.toBe(error);
});

test("batches before one that fails stay in the cache, and are not embedded again", async () => {
  let fails = true;
  const { calls, recording } = recorder({
    ...hashEmbedder,
    embed: (texts) => (fails && texts.includes("e") ? Promise.reject(new Error("timeout")) : hashEmbedder.embed(texts)),
  });
  const entries = new Map<string, Float32Array>();
  const cached = createCachedEmbedder(createBatchedEmbedder(recording, { maxTexts: 2 }), {
    getMany: async (keys) => keys.map((key) => entries.get(key)),
    setMany: async (added) => {
      for (const [key, vector] of added) entries.set(key, vector);
    },
  });
  const texts = ["a", "b", "c", "d", "e"];
  await expect(cached.embed(texts)).rejects.toThrow("timeout");
  fails = false;
  expect(await cached.embed(texts)).toMatchObject({ vectors: texts.map((text) => hashVector(text)), cacheHits: 4 });
  expect(calls).toEqual([["a", "b"], ["c", "d"], ["e"], ["e"]]);
});
