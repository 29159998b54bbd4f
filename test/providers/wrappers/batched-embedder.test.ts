import fc from "fast-check";
import { expect, test } from "vitest";
import { createBatchedEmbedder } from "#providers/wrappers/batched-embedder.ts";
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
