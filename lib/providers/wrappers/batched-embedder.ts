import { RagError } from "#rag/errors.ts";
import { identityOf } from "#rag/identity.ts";
import type { Embedder } from "#rag/ports.ts";

export interface BatchLimits {
  /** Texts per call. */
  maxTexts?: number;
  /** UTF-8 bytes per call; a longer text is sent in a call of its own. */
  maxBytes?: number;
}

/**
 * Splits `embed` into sequential calls within the limits of the embedding service. Put retries inside this wrapper, so
 * that a failed call does not repeat the others.
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
  const { model, dimensions } = embedder;
  return {
    ...identityOf(embedder),
    dimensions,
    async embed(texts, call) {
      const all = { vectors: [] as Float32Array[], cacheHits: 0, tokens: 0 };
      for (const batch of batchesWithin(texts, maxTexts, maxBytes)) {
        const { vectors, cacheHits, tokens } = await embedder.embed(batch, call);
        if (vectors.length !== batch.length) {
          throw new RagError("embedding", `${model} returned ${vectors.length} vectors for ${batch.length} texts`);
        }
        for (const vector of vectors) all.vectors.push(vector);
        all.cacheHits += cacheHits;
        all.tokens += tokens;
      }
      return all;
    },
  };
}

function batchesWithin(texts: readonly string[], maxTexts: number, maxBytes: number): string[][] {
  const batches: string[][] = [];
  let batch: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    const size = Buffer.byteLength(text);
    if (batch.length > 0 && (batch.length >= maxTexts || bytes + size > maxBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(text);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
