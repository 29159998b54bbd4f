import { createHash } from "node:crypto";
import { attemptCache } from "#rag/cache-attempt.ts";
import { RagError } from "#rag/errors.ts";
import { identityOf } from "#rag/identity.ts";
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
    ...identityOf(embedder),
    dimensions,

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
      const embedded = await embedder.embed(missing, call);
      const added = missing.map((text, index): [string, Float32Array] => {
        const vector = embedded.vectors[index];
        if (!vector) throw new RagError("embedding", `${model} returned ${index} vectors for ${missing.length} texts`);
        vectors.set(text, vector);
        return [keyOf(text, call.tenant), vector];
      });
      // A cache that could not be read is not written either: it would only be waited for twice.
      if (cached) await attemptCache("writing the embedding cache", () => cache.setMany(added, call), attempts);
      const { tokens } = embedded;
      return { vectors: inOrder(texts, vectors), cacheHits, tokens, ...(cacheError && { cacheError }) };
    },
  };
}

function inOrder(texts: readonly string[], vectors: ReadonlyMap<string, Float32Array>): Float32Array[] {
  return texts.flatMap((text) => vectors.get(text) ?? []);
}
