import { createHash } from "node:crypto";
import { RagError } from "#rag/errors.ts";
import { identityOf } from "#rag/identity.ts";
import type { Embedder, EmbeddingCache } from "#rag/ports.ts";

/**
 * The embedder with a cache in front: equal texts are embedded once, known ones not at all. The cache only ever saves
 * work: when it fails, its texts count as unknown and `onCacheError` hears of it (stage "cache").
 *
 * @throws RagError (`embedding`) when the embedder returns too few vectors, and whatever the embedder throws.
 */
export function createCachedEmbedder(
  embedder: Embedder,
  cache: EmbeddingCache,
  onCacheError: (error: RagError) => void = () => {},
): Embedder {
  const { model, dimensions } = embedder;
  const keyOf = (text: string): string =>
    `${model}:${dimensions}:${createHash("sha256").update(text).digest("base64url")}`;

  async function attempt<T>(attempted: string, run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      onCacheError(new RagError("cache", `${attempted} the embedding cache failed: ${reason}`, { cause }));
      return undefined;
    }
  }

  return {
    ...identityOf(embedder),
    dimensions,

    async embed(texts) {
      const distinct = [...new Set(texts)];
      const cached = await attempt("reading", () => cache.getMany(distinct.map(keyOf)));
      const vectors = new Map<string, Float32Array>();
      distinct.forEach((text, index) => {
        const vector = cached?.[index];
        if (vector?.length === dimensions) vectors.set(text, vector);
      });
      const cacheHits = texts.filter((text) => vectors.has(text)).length;

      const missing = distinct.filter((text) => !vectors.has(text));
      if (missing.length === 0) return { vectors: inOrder(texts, vectors), cacheHits, tokens: 0 };
      const embedded = await embedder.embed(missing);
      const added = missing.map((text, index): [string, Float32Array] => {
        const vector = embedded.vectors[index];
        if (!vector) throw new RagError("embedding", `${model} returned ${index} vectors for ${missing.length} texts`);
        vectors.set(text, vector);
        return [keyOf(text), vector];
      });
      // A cache that could not be read is not written either: a second wait would gain nothing.
      if (cached) await attempt("writing", () => cache.setMany(added));
      return { vectors: inOrder(texts, vectors), cacheHits, tokens: embedded.tokens };
    },
  };
}

function inOrder(texts: readonly string[], vectors: ReadonlyMap<string, Float32Array>): Float32Array[] {
  return texts.flatMap((text) => vectors.get(text) ?? []);
}
