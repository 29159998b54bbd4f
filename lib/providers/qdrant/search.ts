import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { sparseQuery } from "#providers/lexical/bm25-sparse.ts";
import type { Call, Hit, SearchRequest } from "#rag/ports.ts";
import { callApi, initOf } from "./client.ts";
import { SPARSE } from "./collection.ts";
import { createCurrentVersions, type ReadManifests } from "./current-versions.ts";
import { malformedResponse } from "./error.ts";
import { conditionsOf } from "./filter.ts";
import { chunkOf, HIT_FIELDS } from "./points.ts";
import { numbersOf } from "./vector.ts";

/** Minimum depth of each ranking, so that the fused order does not depend on the number of requested hits. */
const MIN_DEPTH = 30;

export interface SearchedCollection {
  collection: string;
  /** Name of the dense vectors. */
  dense: string;
  /**
   * Whether to return each hit's cosine, which the embedded reranker and generator use. It takes a second query in the
   * same request, which sends the vector twice more: 60 KB at 1,536 dimensions.
   */
  similarities?: boolean;
}

/**
 * Hybrid search: the server fuses the vector ranking and the BM25 ranking of the points that pass the filter with
 * reciprocal rank fusion (score = Σ 1 / (2 + rank), rank from 0, so 1 is first in both). A question without words is
 * searched by its vector alone; one without a vector, or with a zero vector, by words alone.
 *
 * One round trip reads the fused ranking, the cosine of each of its chunks, and the manifests of documents that earlier
 * searches found; a second one reads the manifests of other documents. Chunks of a version that is not the manifest's
 * current one are dropped, so a search may return fewer hits while documents are being replaced.
 */
export function createQdrantSearch(
  client: QdrantClient,
  { collection, dense, similarities = true }: SearchedCollection,
  manifestsOf: ReadManifests,
): (request: SearchRequest, call?: Call) => Promise<Hit[]> {
  const attempted = `searching the Qdrant collection "${collection}"`;
  const versions = createCurrentVersions(manifestsOf, attempted);

  return async (request, call) => {
    const queries = queriesFor(request, dense, similarities);
    if (queries.length === 0) return [];
    const manifests = versions.prefetch();
    const searches = manifests ? [...queries, manifests.query] : queries;
    const results: unknown = await callApi(
      attempted,
      client.api().queryBatchPoints({ collection_name: collection, searches }, initOf(call)),
    );
    if (!isBatchOf(results, searches.length)) throw malformedResponse(attempted);
    const known = manifests?.versionsIn(results.pop()?.points ?? []);
    const [fused = { points: [] }, rescored = { points: [] }] = results;
    const cosines = new Map(rescored.points.map(({ id, score }) => [id, score]));

    const found = fused.points.map((point) => {
      const chunk = chunkOf(point);
      if (!chunk) throw malformedResponse(attempted);
      return { ...chunk, score: point.score, similarity: cosines.get(point.id) };
    });
    const ids = found.map(({ hit }) => hit.documentId);
    const current = await versions.of(ids, known, call);
    return found
      .filter(({ version, hit }) => current.get(hit.documentId) === version)
      .map(({ hit, score, similarity }) => ({ ...hit, score, ...(similarity !== undefined && { similarity }) }));
  };
}

/** The query for the fused ranking, then the one for cosines if requested; none when nothing can match. */
function queriesFor(
  { text, vector, limit, filter }: SearchRequest,
  using: string,
  similarities: boolean,
): Schemas["QueryRequest"][] {
  const must = conditionsOf(filter);
  if (!must || limit < 1) return [];
  const depth = Math.max(limit, MIN_DEPTH);
  const restricted = { ...(must.length > 0 && { filter: { must } }), limit: depth };
  const prefetch: Schemas["Prefetch"][] = [];

  const dense = vector?.some((value) => value !== 0) ? { query: numbersOf(vector), using } : undefined;
  if (dense) prefetch.push({ ...dense, ...restricted });
  const sparse = sparseQuery(text);
  if (sparse.indices.length > 0) prefetch.push({ query: sparse, using: SPARSE, ...restricted });
  if (prefetch.length === 0) return [];

  const fused = { prefetch, query: { fusion: "rrf" as const }, limit };
  const queries: Schemas["QueryRequest"][] = [{ ...fused, with_payload: HIT_FIELDS }];
  if (dense && similarities) queries.push({ prefetch: fused, ...dense, limit });
  return queries;
}

interface ScoredPoints {
  points: { id: string | number; score: number; payload?: Record<string, unknown> | null }[];
}

function isBatchOf(results: unknown, length: number): results is ScoredPoints[] {
  return Array.isArray(results) && results.length === length && results.every(isScoredPoints);
}

function isScoredPoints(value: unknown): value is ScoredPoints {
  const { points } = (value ?? {}) as { points?: unknown };
  return Array.isArray(points) && points.every((point) => typeof point?.score === "number");
}
