import type { DatabaseSync } from "node:sqlite";
import type { Hit, SearchRequest } from "#rag/ports.ts";
import { weightedReciprocalRankFusion } from "#rag/rank.ts";
import { createPassing } from "./filter.ts";
import type { NearestChunks } from "./nearest.ts";
import { inTransaction, statementCache } from "./statements.ts";
import { createBm25 } from "./words/bm25.ts";
import { questionWordsOf } from "./words/words.ts";

export interface Fusion {
  /** Damping constant of weighted reciprocal rank fusion: the smaller, the more the top ranks count. */
  k: number;
  /** Weight of the vector ranking. */
  dense: number;
  /** Weight of the BM25 ranking. */
  lexical: number;
}

/** Minimum depth of each ranking, so that the fused order does not depend on the number of requested hits. */
const MIN_DEPTH = 30;
/** Of what is ranked, the texts are read: about 4 MB. */
const MAX_DEPTH = 4096;

/**
 * Hybrid search: fuses the vector ranking and the BM25 ranking of the chunks that pass the filter. Scores are in [0, 1],
 * 1 for a chunk that is first in both. A question without words is searched by its vector alone; one without a vector,
 * or with a zero vector, by words alone.
 */
export function createSqliteSearch(
  database: DatabaseSync,
  fusion: Fusion,
  { nearest, distances }: NearestChunks,
): (request: SearchRequest) => Hit[] {
  const sql = statementCache(database);
  const passingFilter = createPassing(database);
  const bestByWords = createBm25(database);

  function read(number: number): Pick<Hit, "chunkId" | "documentId" | "title" | "url" | "heading" | "text"> {
    const { url, ...row } = sql(
      `SELECT chunks.id AS chunkId, documents.id AS documentId, title, url, heading, text
       FROM chunks JOIN documents ON documents.number = chunks.document WHERE chunks.number = ?`,
    ).get(number) as Omit<Hit, "score" | "url"> & { url: string | null };
    return { ...row, ...(url !== null && { url }) };
  }

  return ({ text, vector, limit, filter }) => {
    if (limit < 1) return [];
    const depth = Math.min(Math.max(limit, MIN_DEPTH), MAX_DEPTH);
    // One snapshot for all statements: no chunk is deleted between ranking and reading it.
    return inTransaction(database, "DEFERRED", () => {
      const passing = passingFilter(filter);
      const byVector = vector?.some((value) => value !== 0) ? nearest(vector, depth, passing) : undefined;
      const rankings = [
        { weight: fusion.lexical, ids: bestByWords(questionWordsOf(text), depth, passing) },
        { weight: fusion.dense, ids: [...(byVector?.keys() ?? [])] },
      ];
      const fused = weightedReciprocalRankFusion(rankings, fusion.k).slice(0, limit);
      if (!vector || !byVector?.size) return fused.map(({ id, score }): Hit => ({ ...read(id), score }));
      const others = distances(
        vector,
        fused.flatMap(({ id }) => (byVector.has(id) ? [] : [id])),
      );
      return fused.map(({ id, score }): Hit => {
        return { ...read(id), score, similarity: cosineOf(byVector.get(id) ?? others.get(id) ?? 0) };
      });
    });
  };
}

/** Cosine of two unit vectors from their distance: |a − b|² = 2 − 2 cos. */
function cosineOf(distance: number): number {
  return Math.max(-1, 1 - distance ** 2 / 2);
}
