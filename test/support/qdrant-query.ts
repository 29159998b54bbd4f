import { type Payload, passes } from "./qdrant-filter.ts";

export interface Sparse {
  indices: number[];
  values: number[];
}

export interface Point {
  id: string;
  version: number;
  payload: Payload;
  /** Dense vectors are L2-normalised, as Qdrant stores them for cosine distance. */
  vectors: Record<string, number[] | Sparse>;
}

export interface Query {
  query?: number[] | Sparse | { fusion: "rrf" | "dbsf" } | { rrf: { k?: number; weights?: number[] } };
  using?: string;
  prefetch?: Query | Query[];
  filter?: Payload;
  limit?: number;
  score_threshold?: number;
  with_payload?: boolean | string[];
}

export interface Scored {
  point: Point;
  score: number;
}

/** The results of a query, best first. `idf` names the sparse vectors with the IDF modifier. */
export function find(points: readonly Point[], request: Query, idf: ReadonlySet<string>): Scored[] {
  const { query = [], using = "", prefetch, filter, limit = 10, score_threshold = -Infinity } = request;
  if (request.query === undefined && !prefetch) return byId(points, filter).slice(0, limit);
  const stages = prefetch ? [prefetch].flat().map((stage) => find(points, stage, idf)) : undefined;
  let found: Scored[];
  if ("fusion" in query) found = query.fusion === "rrf" ? fuseByRank(stages ?? []) : fuseByDistribution(stages ?? []);
  else if ("rrf" in query) found = fuseByRank(stages ?? [], query.rrf.k, query.rrf.weights);
  else {
    const candidates = stages ? [...new Set(stages.flat().map(({ point }) => point))] : points;
    found = Array.isArray(query)
      ? nearest(candidates, query, using)
      : bestBySparse(candidates, query, using, idf.has(using) ? points : undefined);
  }
  return found
    .filter(({ point, score }) => passes(point, filter) && score >= score_threshold)
    .toSorted((a, b) => b.score - a.score || (a.point.id < b.point.id ? 1 : -1)) // Tie order as recorded.
    .slice(0, limit);
}

/** A query without `query` returns points by id (API reference). */
function byId(points: readonly Point[], filter: Payload | undefined): Scored[] {
  return points
    .filter((point) => passes(point, filter))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((point) => ({ point, score: 1 }));
}

function nearest(points: readonly Point[], query: readonly number[], using: string): Scored[] {
  const unit = normalised(query);
  return points.flatMap((point) => {
    const vector = point.vectors[using];
    return Array.isArray(vector) ? [{ point, score: sum(vector.map((value, i) => value * (unit[i] ?? 0))) }] : [];
  });
}

/** IDF derived from the recordings: ln(1 + (N − n + ½) / (n + ½)), with N the number of points with the vector. */
function bestBySparse(candidates: readonly Point[], query: Sparse, using: string, corpus?: readonly Point[]): Scored[] {
  const sparse = (point: Point) => point.vectors[using] as Sparse | undefined;
  const all = (corpus ?? []).flatMap((point) => sparse(point) ?? []);
  const weights = query.indices.map((index, i) => {
    const n = all.filter(({ indices }) => indices.includes(index)).length;
    return (query.values[i] ?? 0) * (corpus ? Math.log(1 + (all.length - n + 0.5) / (n + 0.5)) : 1);
  });
  return candidates.flatMap((point) => {
    const vector = sparse(point);
    if (!vector?.indices.some((index) => query.indices.includes(index))) return [];
    const terms = query.indices.map(
      (index, i) => (vector.values[vector.indices.indexOf(index)] ?? 0) * (weights[i] ?? 0),
    );
    return [{ point, score: sum(terms) }];
  });
}

/** As recorded: Σ 1 / (k + (rank + 1) / weight − 1), with ranks from 0 and k = 2; a weight scales the ranks. */
function fuseByRank(stages: readonly Scored[][], k = 2, weights: readonly number[] = []): Scored[] {
  return fuse(stages, (_, rank, stage) => 1 / (k + (rank + 1) / (weights[stage] ?? 1) - 1));
}

/** As recorded: the sum of scores scaled from mean − 3 σ … mean + 3 σ of their stage (σ with n − 1) to 0 … 1. */
function fuseByDistribution(stages: readonly Scored[][]): Scored[] {
  const scales = stages.map((found) => {
    const scores = found.map(({ score }) => score);
    const mean = sum(scores) / scores.length;
    return { mean, sigma: Math.sqrt(sum(scores.map((score) => (score - mean) ** 2)) / (scores.length - 1)) };
  });
  return fuse(stages, ({ score }, _, stage) => {
    const { mean, sigma } = scales[stage] ?? { mean: 0, sigma: 1 };
    return (score - mean + 3 * sigma) / (6 * sigma);
  });
}

function fuse(stages: readonly Scored[][], part: (scored: Scored, rank: number, stage: number) => number): Scored[] {
  const scores = new Map<Point, number>();
  for (const [stage, found] of stages.entries()) {
    for (const [rank, scored] of found.entries()) {
      scores.set(scored.point, (scores.get(scored.point) ?? 0) + part(scored, rank, stage));
    }
  }
  return Array.from(scores, ([point, score]) => ({ point, score }));
}

export function normalised(vector: readonly number[]): number[] {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => Math.fround(value / norm));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
