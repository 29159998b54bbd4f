import { RagError } from "#rag/errors.ts";
import { identityOf } from "#rag/identity.ts";
import type { Embedder } from "#rag/ports.ts";

export interface BatchLimits {
  /** Texts in one call. */
  maxTexts?: number;
  /** UTF-8 bytes in one call; a longer text goes alone. */
  maxBytes?: number;
}

/**
 * The same embedder, called with no more at once than its service takes, one call after the other. Retries belong inside:
 * then one failed call does not repeat the others.
 *
 * The defaults are OpenAI's limits, 2,048 texts and 300,000 tokens
 * (https://platform.openai.com/docs/api-reference/embeddings/create). Bytes stand for tokens: a token has at least one,
 * so this needs no tokenizer and is never too many.
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
      for (const batch of batchesOf(texts, maxTexts, maxBytes)) {
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

function batchesOf(texts: readonly string[], maxTexts: number, maxBytes: number): string[][] {
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
