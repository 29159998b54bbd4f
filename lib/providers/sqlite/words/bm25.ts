import type { DatabaseSync } from "node:sqlite";
import { statementCache, whileUnchanged } from "#providers/sqlite/statements.ts";
import { createPostings } from "./postings.ts";
import { createTokens } from "./tokens.ts";

/** BM25 weights of the columns title, heading and text: a title says what a chunk is about. */
const WEIGHTS = [1.5, 1, 1];
/** FTS5's constants: saturation, and normalisation by length. */
const K1 = 1.2;
const B = 0.75;
/** FTS5's idf of a word that more than half of the chunks have. */
const MIN_IDF = 1e-6;

/**
 * Returns a function that finds the best chunks by BM25 for any of the terms, best first, with the scores of FTS5's
 * `bm25()`. FTS5 looks up the length of each chunk that it scores, 1.1 µs in all; here the lengths are in memory, 8 bytes
 * a chunk, and a match takes about 30 ns. Only to be called in a transaction.
 */
export function createBm25(
  database: DatabaseSync,
): (terms: readonly string[], depth: number, passing?: Int32Array) => number[] {
  const sql = statementCache(database);
  const postings = createPostings(database, WEIGHTS);
  let tokensOf: ReturnType<typeof createTokens> | undefined;

  /** By chunk number: what the length of a chunk adds to the denominator of its score. */
  const lengthNorms = whileUnchanged(database, () => {
    const { chunks, terms } = postings.totals();
    const { numbers, lengths } = postings.lengths();
    const average = terms / chunks;
    const norms = new Float64Array((numbers.at(-1) ?? -1) + 1);
    for (let at = 0; at < numbers.length; at += 1) {
      norms[numbers[at] as number] = K1 * (1 - B + (B * (lengths[at] as number)) / average);
    }
    return { norms, chunks };
  });

  function best(tokens: readonly string[], depth: number, passing?: Int32Array): number[] {
    const { norms, chunks } = lengthNorms();
    const scores = new Float64Array(norms.length);
    for (const token of tokens) {
      const { numbers, frequencies } = postings.of(token, norms.length);
      const idf = Math.log((chunks - numbers.length + 0.5) / (numbers.length + 0.5));
      const weight = idf > 0 ? idf : MIN_IDF;
      for (let at = 0; at < numbers.length; at += 1) {
        const number = numbers[at] as number;
        const frequency = frequencies[at] as number;
        scores[number] =
          (scores[number] as number) + weight * ((frequency * (K1 + 1)) / (frequency + (norms[number] as number)));
      }
    }
    return highest(scores, depth, passing);
  }

  /** What FTS5 finds by itself. */
  function bestOfFts5(terms: readonly string[], depth: number, passing?: Int32Array): number[] {
    // "+rowid": with a plain rowid FTS5 runs the whole query once per chunk that passes the filter.
    const rows = sql(
      `SELECT rowid AS number FROM words
       WHERE words MATCH ? ${passing ? "AND +rowid IN (SELECT value FROM json_each(?))" : ""}
       ORDER BY bm25(words, ${WEIGHTS}), rowid LIMIT ?`,
    ).all(terms.join(" OR "), ...(passing ? [JSON.stringify(Array.from(passing))] : []), depth);
    return rows.map(({ number }) => Number(number));
  }

  return (terms, depth, passing) => {
    if (terms.length === 0) return [];
    if (terms.some((term) => term.endsWith("*")) || !postings.isReadable()) return bestOfFts5(terms, depth, passing);
    tokensOf ??= createTokens();
    const tokens = tokensOf(terms.map((term) => term.slice(1, -1)));
    // A word of several tokens is a phrase.
    if (tokens.some(({ length }) => length > 1)) return bestOfFts5(terms, depth, passing);
    return best(tokens.flat(), depth, passing);
  };
}

/** The numbers of the highest scores above 0, highest first; of equal ones the lowest number first. */
function highest(scores: Float64Array, count: number, passing?: Int32Array): number[] {
  const numbers: number[] = [];
  const end = passing ? passing.length : scores.length;
  let least = 0;
  for (let index = 0; index < end; index += 1) {
    const number = passing ? (passing[index] as number) : index;
    const score = scores[number] as number;
    if (score <= least) continue;
    let at = numbers.length;
    while (at > 0 && (scores[numbers[at - 1] as number] as number) < score) at -= 1;
    numbers.splice(at, 0, number);
    if (numbers.length > count) numbers.pop();
    if (numbers.length === count) least = scores[numbers[count - 1] as number] as number;
  }
  return numbers;
}
