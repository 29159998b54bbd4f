import type { DatabaseSync } from "node:sqlite";
import { statementCache } from "./database.ts";
import type { ChunkFilter } from "./filter.ts";

/** BM25 weights of the columns title, heading and text: a title says what a chunk is about. */
const COLUMN_WEIGHTS = "1.5, 1, 1";

/** FTS5's constant: a word adds less than idf × (K1 + 1) to a score, however often it occurs in a chunk. */
const K1 = 1.2;
/** FTS5's idf of a word that more than half of the chunks contain. */
const MIN_IDF = 1e-6;
/** Scoring fewer matches takes less time than finding out which can be skipped. */
const MIN_MATCHES = 20_000;

interface Scored {
  number: number;
  /** FTS5's score: lower is better. */
  score: number;
}

/**
 * Returns a function that finds the best chunks by BM25 for any of the terms, best first, in the same order as FTS5.
 *
 * FTS5 scores every chunk that has any term, and most of these only have the common ones. Such a chunk cannot be among
 * the best once `depth` chunks with a rarer term score higher than all common terms together could: MaxScore (Turtle and
 * Flood, "Query evaluation: strategies and optimizations", Information Processing & Management 31(6), 1995). At 100,000
 * chunks p95 went from 80 to 55 ms, and from 47 to 32 ms with less common words; no ranking changed.
 *
 * @param minMatches number of matches from which chunks are skipped
 */
export function createBm25(
  database: DatabaseSync,
  minMatches = MIN_MATCHES,
): (terms: readonly string[], depth: number, filter: ChunkFilter) => number[] {
  const sql = statementCache(database);

  const matchesOf = (query: string) =>
    Number(sql("SELECT count(*) AS matches FROM words WHERE words MATCH ?").get(query)?.matches);

  function scored(query: string, depth: number, { subquery, parameters }: ChunkFilter): Scored[] {
    // "+rowid": with a plain rowid FTS5 runs the whole query once per chunk that passes the filter.
    return sql(
      `SELECT rowid AS number, bm25(words, ${COLUMN_WEIGHTS}) AS score FROM words
       WHERE words MATCH ? ${subquery ? `AND +rowid IN (${subquery})` : ""}
       ORDER BY score, rowid LIMIT ?`,
    ).all(query, ...parameters, depth) as unknown as Scored[];
  }

  /** The best chunks that have a required term. Two queries, as FTS5 has no optional terms that only add to the score. */
  function scoredWith(required: readonly string[], optional: readonly string[], depth: number, filter: ChunkFilter) {
    const [some, other] = [anyOf(required), anyOf(optional)];
    const found = ["AND", "NOT"].flatMap((operator) => scored(`(${some}) ${operator} (${other})`, depth, filter));
    return found.sort((a, b) => a.score - b.score || a.number - b.number).slice(0, depth);
  }

  function best(terms: readonly string[], depth: number, filter: ChunkFilter): Scored[] {
    const all = () => scored(anyOf(terms), depth, filter);
    // Chunks that a filter excludes are not scored anyway, and MaxScore made the rest slower (34 → 51 ms).
    if (filter.subquery !== undefined) return all();
    const rarest = terms.map((term) => ({ term, matches: matchesOf(term) })).sort((a, b) => a.matches - b.matches);
    const sorted = rarest.map(({ term }) => term);
    const matches = (count: number) => rarest.slice(0, count).reduce((sum, { matches }) => sum + matches, 0);
    if (matches(terms.length) < minMatches) return all();

    const first = rarest.findIndex((_, index) => matches(index + 1) >= depth) + 1;
    if (first === 0 || matches(first) > matches(terms.length) / 2) return all();
    const candidates = scoredWith(sorted.slice(0, first), sorted.slice(first), depth, filter);

    // The greatest number is at least the number of chunks, and the bounds only increase with it.
    const chunks = Number(sql("SELECT max(number) AS last FROM chunks").get()?.last);
    const maxScoreWithout = (count: number) =>
      rarest.slice(count).reduce((sum, { matches }) => sum + boundOf(matches, chunks), 0);
    const threshold = -(candidates[depth - 1]?.score ?? 0);
    const required = rarest.findIndex((_, index) => maxScoreWithout(index) < threshold);
    if (required === -1) return all();
    if (required <= first) return candidates;
    return scoredWith(sorted.slice(0, required), sorted.slice(required), depth, filter);
  }

  return (terms, depth, filter) => (terms.length > 0 ? best(terms, depth, filter).map(({ number }) => number) : []);
}

const anyOf = (terms: readonly string[]) => terms.join(" OR ");

/** Upper bound of what a term that `matches` of the chunks have adds to a score. */
function boundOf(matches: number, chunks: number): number {
  const idf = Math.log((chunks - matches + 0.5) / (matches + 0.5));
  return Math.max(MIN_IDF, idf) * (K1 + 1);
}
