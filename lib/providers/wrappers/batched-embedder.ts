import { ServiceError } from "#providers/service/service-error.ts";
import { RagError } from "#rag/errors.ts";
import { traitsOf } from "#rag/identity.ts";
import type { EmbedCall, Embedder } from "#rag/ports.ts";

export interface BatchLimits {
  /** Texts per call. */
  maxTexts?: number;
  /** UTF-8 bytes per call; a longer text is sent in a call of its own. */
  maxBytes?: number;
}

/**
 * Splits `embed` into sequential calls within the limits of the embedding service. Put retries inside this wrapper, so
 * that a failed call does not repeat the others. A batch that fails with the code "batch_too_large" is halved, and later
 * batches have no more texts than that.
 *
 * The defaults are OpenAI's limits, 2,048 texts and 300,000 tokens
 * (https://platform.openai.com/docs/api-reference/embeddings/create). Bytes are counted in place of tokens: a token has
 * at least one byte, so the limit holds without a tokenizer.
 *
 * @throws RagError (`embedding`) when the embedder returns another number of vectors than texts
 */
export function createBatchedEmbedder(
  embedder: Embedder,
  { maxTexts = 2048, maxBytes = 300_000 }: BatchLimits = {},
): Embedder {
  const { model } = embedder;
  let acceptedTexts = maxTexts;

  return {
    ...traitsOf(embedder),
    async embed(texts, { onBatch, ...call }: EmbedCall = {}) {
      const all = { vectors: [] as Float32Array[], cacheHits: 0, tokens: 0 };
      for (let start = 0; start < texts.length; ) {
        const batch = batchFrom(texts, start, acceptedTexts, maxBytes);
        try {
          const { vectors, cacheHits, tokens } = await embedder.embed(batch, call);
          if (vectors.length !== batch.length) {
            throw new RagError("embedding", `${model} returned ${vectors.length} vectors for ${batch.length} texts`);
          }
          for (const vector of vectors) all.vectors.push(vector);
          all.cacheHits += cacheHits;
          all.tokens += tokens;
          start += batch.length;
          await onBatch?.(batch, vectors);
        } catch (error) {
          if (batch.length === 1 || !isTooLarge(error)) throw error;
          acceptedTexts = Math.min(acceptedTexts, Math.floor(batch.length / 2));
        }
      }
      return all;
    },
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ServiceError && error.code === "batch_too_large";
}

/** The texts from `start` on that fit into one call. */
function batchFrom(texts: readonly string[], start: number, maxTexts: number, maxBytes: number): string[] {
  const batch: string[] = [];
  let bytes = 0;
  for (let at = start; at < texts.length && batch.length < maxTexts; at += 1) {
    const text = texts[at] ?? "";
    bytes += Buffer.byteLength(text);
    if (batch.length > 0 && bytes > maxBytes) break;
    batch.push(text);
  }
  return batch;
}
