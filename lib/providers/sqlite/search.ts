import type { DatabaseSync } from "node:sqlite";
import type { Hit, SearchRequest } from "#rag/ports.ts";
import { weightedReciprocalRankFusion } from "#rag/rank.ts";
import { createBm25 } from "./bm25.ts";
import { inTransaction, statementCache } from "./database.ts";
import { type ChunkFilter, chunkFilter } from "./filter.ts";
import { questionWordsOf } from "./words.ts";

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
/** sqlite-vec rejects a greater `k`. */
const MAX_DEPTH = 4096;

/**
 * Hybrid search: fuses the vector ranking and the BM25 ranking of the chunks that pass the filter. Scores are in [0, 1],
 * 1 for a chunk that is first in both. A question without words is searched by its vector alone; one without a vector,
 * or with a zero vector, by words alone.
 */
export function createSqliteSearch(database: DatabaseSync, fusion: Fusion): (request: SearchRequest) => Hit[] {
  const sql = statementCache(database);
  const bestByWords = createBm25(database);

  /** L2 distances of the nearest chunks, by chunk number, nearest first. */
  function nearest(
    vector: Float32Array | undefined,
    depth: number,
    { subquery, parameters }: ChunkFilter,
  ): Map<number, number> {
    if (!vector?.some((value) => value !== 0)) return new Map();
    const rows = sql(
      `SELECT rowid AS number, distance FROM vectors WHERE vector MATCH ? AND k = ?
       ${subquery ? `AND rowid IN (${subquery})` : ""}`,
    ).all(vector, depth, ...parameters) as { number: number; distance: number }[];
    return new Map(rows.map(({ number, distance }) => [number, distance]));
  }

  function distanceTo(vector: Float32Array, number: number): number {
    const row = sql("SELECT vec_distance_L2(vector, ?) AS distance FROM vectors WHERE rowid = ?");
    return Number(row.get(vector, number)?.distance);
  }

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
    const passing = chunkFilter(filter);
    // One snapshot for all statements: no chunk is deleted between ranking and reading it.
    return inTransaction(database, "DEFERRED", () => {
      const distances = nearest(vector, depth, passing);
      const rankings = [
        { weight: fusion.lexical, ids: bestByWords(questionWordsOf(text), depth, passing) },
        { weight: fusion.dense, ids: [...distances.keys()] },
      ];
      return weightedReciprocalRankFusion(rankings, fusion.k)
        .slice(0, limit)
        .map(({ id, score }): Hit => {
          if (!vector || distances.size === 0) return { ...read(id), score };
          return { ...read(id), score, similarity: cosineOf(distances.get(id) ?? distanceTo(vector, id)) };
        });
    });
  };
}

/** Cosine of two unit vectors from their distance: |a − b|² = 2 − 2 cos. */
function cosineOf(distance: number): number {
  return Math.max(-1, 1 - distance ** 2 / 2);
}
