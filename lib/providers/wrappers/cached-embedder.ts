import { createHash } from "node:crypto";
import { attemptCache } from "#rag/cache-attempt.ts";
import { RagError } from "#rag/errors.ts";
import { traitsOf } from "#rag/identity.ts";
import type { Embedder, EmbeddingCache } from "#rag/ports.ts";

/**
 * Puts a cache in front of an embedder: duplicate texts are embedded once, cached ones not at all. A failing cache is a
 * cache miss, reported in the result's `cacheError` and to `onCacheError` (stage "cache").
 *
 * Keys are separate per tenant: a cache hit would reveal that another tenant has asked the same.
 *
 * @throws RagError (`embedding`) when the embedder returns too few vectors, and whatever the embedder throws
 */
export function createCachedEmbedder(
  embedder: Embedder,
  cache: EmbeddingCache,
  onCacheError: (error: RagError) => void = () => {},
): Embedder {
  const { model, dimensions } = embedder;
  const keyOf = (text: string, tenant: string | undefined): string => {
    const owner = tenant === undefined ? "" : `${tenant}:`;
    return `${owner}${model}:${dimensions}:${createHash("sha256").update(text).digest("base64url")}`;
  };

  return {
    ...traitsOf(embedder),

    async embed(texts, call = {}) {
      let cacheError: RagError | undefined;
      const attempts = {
        signal: call.signal,
        onError(error: RagError) {
          cacheError = error;
          onCacheError(error);
        },
      };

      const distinct = [...new Set(texts)];
      const keys = distinct.map((text) => keyOf(text, call.tenant));
      const cached = await attemptCache("reading the embedding cache", () => cache.getMany(keys, call), attempts);
      const vectors = new Map<string, Float32Array>();
      distinct.forEach((text, index) => {
        const vector = cached?.[index];
        if (vector?.length === dimensions) vectors.set(text, vector);
      });
      const cacheHits = texts.filter((text) => vectors.has(text)).length;

      const missing = distinct.filter((text) => !vectors.has(text));
      if (missing.length === 0) return { vectors: inOrder(texts, vectors), cacheHits, tokens: 0 };
      const onBatch = async (batch: readonly string[], added: readonly Float32Array[]): Promise<void> => {
        const entries = batch.flatMap((text, index): [string, Float32Array][] => {
          const vector = added[index];
          if (vector) vectors.set(text, vector);
          return vector ? [[keyOf(text, call.tenant), vector]] : [];
        });
        // A cache that could not be read or written is not written again: it would only be waited for twice.
        if (!cached || cacheError) return;
        await attemptCache("writing the embedding cache", () => cache.setMany(entries, call), attempts);
      };
      const { vectors: embedded, tokens } = await embedder.embed(missing, { ...call, onBatch });
      if (embedded.length < missing.length) {
        throw new RagError("embedding", `${model} returned ${embedded.length} vectors for ${missing.length} texts`);
      }
      if (missing.some((text) => !vectors.has(text))) await onBatch(missing, embedded);
      return { vectors: inOrder(texts, vectors), cacheHits, tokens, ...(cacheError && { cacheError }) };
    },
  };
}

function inOrder(texts: readonly string[], vectors: ReadonlyMap<string, Float32Array>): Float32Array[] {
  return texts.flatMap((text) => vectors.get(text) ?? []);
}
