import { createHash } from "node:crypto";
import { attemptCache } from "#rag/cache-attempt.ts";
import { RagError } from "#rag/errors.ts";
import { traitsOf } from "#rag/identity.ts";
import type { Embedder, EmbeddingCache, Pending } from "#rag/ports.ts";

export interface CachedEmbedderOptions {
  /** Called when the cache fails, with the stage "cache". */
  onCacheError?: ((error: RagError) => void) | undefined;
  /**
   * Whether a question is embedded while it is looked up, as long as the cache has had none of the last eight. Of questions
   * that are cached with probability p, (1 - p)⁸ p are embedded in vain: one in 23 at most.
   */
  embedsEarly?: boolean;
}

/** Lookups of questions in a row without a hit, after which the next ones are embedded early. */
const MISSES = 8;

/**
 * Puts a cache in front of an embedder: duplicate texts are embedded once, cached ones not at all. A failing cache is a
 * cache miss, reported in the result's `cacheError` and to `onCacheError`. The vectors of questions are written while the
 * caller goes on: the result has what is `pending`.
 *
 * Keys are separate per tenant: a cache hit would reveal that another tenant has asked the same.
 *
 * @throws RagError (`embedding`) when the embedder returns too few vectors, and whatever the embedder throws
 */
export function createCachedEmbedder(
  embedder: Embedder,
  cache: EmbeddingCache,
  { onCacheError = () => {}, embedsEarly = false }: CachedEmbedderOptions = {},
): Embedder {
  const { model, dimensions } = embedder;
  const keyOf = (text: string, tenant: string | undefined): string => {
    const owner = tenant === undefined ? "" : `${tenant}:`;
    return `${owner}${model}:${dimensions}:${createHash("sha256").update(text).digest("base64url")}`;
  };

  let misses = 0;

  const readCache: NonNullable<Embedder["readCache"]> = (texts, call = {}) =>
    cache.getMany(
      texts.map((text) => keyOf(text, call.tenant)),
      call,
    );

  return {
    ...traitsOf(embedder),
    readCache,

    async embed(texts, { cached: reading, ...call } = {}) {
      let cacheError: RagError | undefined;
      const attempts = {
        signal: call.signal,
        onError(error: RagError) {
          cacheError = error;
          onCacheError(error);
        },
      };

      const distinct = [...new Set(texts)];
      const isQuestion = call.kind !== "passage" && texts.length === 1;
      // What was looked up before is known by now, or soon.
      const early = embedsEarly && isQuestion && !reading && misses >= MISSES ? embedder.embed(texts, call) : undefined;
      const earlyEnd: Pending | undefined = early?.then(
        () => undefined,
        () => undefined, // of no concern if the question is cached
      );
      const read = async () => (await reading?.catch(() => undefined)) ?? readCache(distinct, call);
      const cached = await attemptCache("reading the embedding cache", read, attempts);
      const vectors = new Map<string, Float32Array>();
      distinct.forEach((text, index) => {
        const vector = cached?.[index];
        if (vector?.length === dimensions) vectors.set(text, vector);
      });
      const cacheHits = texts.filter((text) => vectors.has(text)).length;

      const missing = distinct.filter((text) => !vectors.has(text));
      if (isQuestion) misses = cacheHits > 0 ? 0 : misses + 1;
      if (missing.length === 0) {
        return { vectors: inOrder(texts, vectors), cacheHits, tokens: 0, ...(earlyEnd && { pending: earlyEnd }) };
      }
      let pending: Pending | undefined;
      const onBatch = async (batch: readonly string[], added: readonly Float32Array[]): Promise<void> => {
        const entries = batch.flatMap((text, index): [string, Float32Array][] => {
          const vector = added[index];
          if (vector) vectors.set(text, vector);
          return vector ? [[keyOf(text, call.tenant), vector]] : [];
        });
        // A cache that could not be read or written is not written again: it would only be waited for twice.
        if (!cached || cacheError) return;
        const written = attemptCache("writing the embedding cache", () => cache.setMany(entries, call), attempts);
        // The vectors of documents are written before more are made, so that they don't fill the memory.
        if (call.kind === "passage") await written;
        else pending = Promise.allSettled([pending, written]).then(() => cacheError);
      };
      const { vectors: embedded, tokens } = await (early ?? embedder.embed(missing, { ...call, onBatch }));
      if (embedded.length < missing.length) {
        throw new RagError("embedding", `${model} returned ${embedded.length} vectors for ${missing.length} texts`);
      }
      if (missing.some((text) => !vectors.has(text))) await onBatch(missing, embedded);
      return {
        vectors: inOrder(texts, vectors),
        cacheHits,
        tokens,
        ...(pending ? { pending } : cacheError && { cacheError }),
      };
    },
  };
}

function inOrder(texts: readonly string[], vectors: ReadonlyMap<string, Float32Array>): Float32Array[] {
  return texts.flatMap((text) => vectors.get(text) ?? []);
}
