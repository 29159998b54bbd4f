import type { Embedder } from "#rag/ports.ts";

/** A bag of words: each word increments one dimension, chosen by its hash (FNV-1a). Texts with common words are close. */
export function hashVector(text: string, dimensions = 32): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().split(/\s+/)) {
    let hash = 0x811c9dc5;
    for (const character of word) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    const index = (hash >>> 0) % dimensions;
    vector[index] = (vector[index] ?? 0) + 1;
  }
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

export const hashEmbedder: Embedder = {
  provider: "test",
  model: "hash",
  dimensions: 32,
  embed: async (texts) => ({ vectors: texts.map((text) => hashVector(text)), cacheHits: 0, tokens: texts.length }),
};
