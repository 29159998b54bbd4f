import type { DatabaseSync } from "node:sqlite";
import { statementCache } from "./database.ts";
import type { ChunkFilter } from "./filter.ts";

/** BM25 weights of the columns title, heading and text: the titles say what a chunk is about. */
const COLUMN_WEIGHTS = "1.5, 1, 1";

/** Of FTS5's bm25(): a word adds less than idf × (K1 + 1) to a score, however often a chunk has it. */
const K1 = 1.2;
/** What FTS5 takes for the idf of a word that more than half of the chunks have. */
const MIN_IDF = 1e-6;
/** Fewer are scored sooner than it takes to find out which can be left out. */
const MIN_MATCHES = 20_000;

interface Scored {
  number: number;
  /** As FTS5 has it: the lower the better. */
  score: number;
}

/**
 * The best chunks by BM25 for any of the terms, best first, as FTS5 ranks them.
 *
 * FTS5 scores each chunk that has any term, and most of them have only the common ones. Those cannot get among the best
 * once `depth` chunks with a rarer term score higher than the common ones together could: MaxScore (Turtle and Flood,
 * "Query evaluation: strategies and optimizations", Information Processing & Management 31(6), 1995). At 100,000 chunks
 * p95 went from 80 to 55 ms, and from 47 to 32 with less common words; no ranking changed.
 *
 * @param minMatches from how many matches on chunks are left out
 */
export function createBm25(
  database: DatabaseSync,
  minMatches = MIN_MATCHES,
): (terms: readonly string[], depth: number, filter: ChunkFilter) => number[] {
  const sql = statementCache(database);

  const matchesOf = (query: string) =>
    Number(sql("SELECT count(*) AS matches FROM words WHERE words MATCH ?").get(query)?.matches);

  function scored(query: string, depth: number, { subquery, parameters }: ChunkFilter): Scored[] {
    // "+rowid": a plain rowid makes FTS5 run the whole query once per chunk that passes.
    return sql(
      `SELECT rowid AS number, bm25(words, ${COLUMN_WEIGHTS}) AS score FROM words
       WHERE words MATCH ? ${subquery ? `AND +rowid IN (${subquery})` : ""}
       ORDER BY score, rowid LIMIT ?`,
    ).all(query, ...parameters, depth) as unknown as Scored[];
  }

  /** Of the chunks with a needed term. Two queries: FTS5 has no term that may be there and counts if it is. */
  function scoredWith(needed: readonly string[], optional: readonly string[], depth: number, filter: ChunkFilter) {
    const [some, other] = [anyOf(needed), anyOf(optional)];
    const found = ["AND", "NOT"].flatMap((having) => scored(`(${some}) ${having} (${other})`, depth, filter));
    return found.sort((a, b) => a.score - b.score || a.number - b.number).slice(0, depth);
  }

  function best(terms: readonly string[], depth: number, filter: ChunkFilter): Scored[] {
    const all = () => scored(anyOf(terms), depth, filter);
    // What a filter leaves out is not scored either, and what is left was slower by MaxScore (34 → 51 ms).
    if (filter.subquery !== undefined) return all();
    const rarest = terms.map((term) => ({ term, matches: matchesOf(term) })).sort((a, b) => a.matches - b.matches);
    const sorted = rarest.map(({ term }) => term);
    const matches = (count: number) => rarest.slice(0, count).reduce((sum, { matches }) => sum + matches, 0);
    if (matches(terms.length) < minMatches) return all();

    const first = rarest.findIndex((_, index) => matches(index + 1) >= depth) + 1;
    if (first === 0 || matches(first) > matches(terms.length) / 2) return all();
    const candidates = scoredWith(sorted.slice(0, first), sorted.slice(first), depth, filter);

    // The greatest number is no less than how many chunks there are, and the bounds only rise with it.
    const chunks = Number(sql("SELECT max(number) AS last FROM chunks").get()?.last);
    const mostWithout = (count: number) =>
      rarest.slice(count).reduce((sum, { matches }) => sum + boundOf(matches, chunks), 0);
    const toBeat = -(candidates[depth - 1]?.score ?? 0);
    const needed = rarest.findIndex((_, index) => mostWithout(index) < toBeat);
    if (needed === -1) return all();
    if (needed <= first) return candidates;
    return scoredWith(sorted.slice(0, needed), sorted.slice(needed), depth, filter);
  }

  return (terms, depth, filter) => (terms.length > 0 ? best(terms, depth, filter).map(({ number }) => number) : []);
}

const anyOf = (terms: readonly string[]) => terms.join(" OR ");

/** More than a term that so many of the chunks have can add to a score. */
function boundOf(matches: number, chunks: number): number {
  const idf = Math.log((chunks - matches + 0.5) / (matches + 0.5));
  return Math.max(MIN_IDF, idf) * (K1 + 1);
}
