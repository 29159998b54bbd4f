import { termsOf } from "./terms.ts";

/** A sparse vector: distinct indices, and their values in the same order. */
export interface SparseVector {
  indices: number[];
  values: number[];
}

/** A part of a chunk and the weight of its words relative to the other parts. */
export interface WeightedText {
  text: string;
  weight: number;
}

/** Saturation and length normalisation: the usual values, also those of Lucene and SQLite's FTS5. */
const K1 = 1.2;
const B = 0.75;
/** Terms per average chunk; a constant, as the store does not know it. Measured on this project's documentation. */
const AVERAGE_TERMS = 70;

/**
 * The term frequency part of BM25 for one chunk: tf · (k1 + 1) / (tf + k1 · (1 − b + b · length / average)), where tf
 * is weighted by part. The store multiplies by the IDF (Qdrant's modifier `idf`), so the dot product with
 * {@link sparseQuery} is BM25. A chunk without words has an empty vector.
 *
 * Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, formulas 3.15 and
 * (parts weighted before saturation) 3.18.
 */
export function sparseDocument(parts: readonly WeightedText[]): SparseVector {
  const frequencies = new Map<number, number>();
  let length = 0;
  for (const { text, weight } of parts) {
    const terms = termsOf(text);
    length += terms.length;
    for (const term of terms) {
      const index = indexOf(term);
      frequencies.set(index, (frequencies.get(index) ?? 0) + weight);
    }
  }
  const damping = K1 * (1 - B + (B * length) / AVERAGE_TERMS);
  const values = Array.from(frequencies.values(), (tf) => (tf * (K1 + 1)) / (tf + damping));
  return { indices: [...frequencies.keys()], values };
}

/** A question as a sparse vector: 1 for each distinct term. */
export function sparseQuery(question: string): SparseVector {
  const indices = [...new Set(termsOf(question).map(indexOf))];
  return { indices, values: indices.map(() => 1) };
}

const encoder = new TextEncoder();

/**
 * A term's index: 32-bit FNV-1a of its UTF-8 bytes (http://www.isthe.com/chongo/tech/comp/fnv/), as there is no shared
 * vocabulary. Among n terms n² / 2³³ pairs collide: one pair in 100,000 terms, so a term collides with a probability of
 * 0.002 %, and then also matches the other.
 */
export function indexOf(term: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(term)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
