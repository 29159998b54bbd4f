import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { sparseQuery } from "#providers/lexical/bm25-sparse.ts";
import type { Call, Hit, SearchRequest } from "#rag/ports.ts";
import { callApi, initOf } from "./client.ts";
import { SPARSE } from "./collection.ts";
import { createCurrentVersions, type ReadManifests } from "./current-versions.ts";
import { malformed } from "./error.ts";
import { conditionsOf } from "./filter.ts";
import { chunkOf, HIT_FIELDS } from "./points.ts";
import { numbersOf } from "./vector.ts";

/** Each ranking is read at least this deep, so that the fused order does not depend on how many hits are asked for. */
const MIN_DEPTH = 30;

export interface SearchedCollection {
  collection: string;
  /** Name of the vectors. */
  dense: string;
  /**
   * Whether hits have their cosine, which embedded reranking and answering go by. It takes a second query, which sends
   * the vector twice more: 60 KB at 1,536 dimensions.
   */
  similarities?: boolean;
}

/**
 * Hybrid search: the server fuses the vector ranking and the BM25 ranking of the points that pass the filter, by
 * reciprocal rank (score = Σ 1 / (2 + rank), rank from 0, so 1 is first in both). A question without words is searched
 * by its vector alone, one without a vector, or with a zero one, by words alone.
 *
 * One round trip for the fused ranking, the cosine of each of its chunks and the manifests of documents that were found
 * before; another one for the manifests of those that were not. A chunk whose manifest names another version is left out, as it
 * is not yet or no longer the document, so there may be fewer hits than there could be while documents are replaced.
 */
export function createQdrantSearch(
  client: QdrantClient,
  { collection, dense, similarities = true }: SearchedCollection,
  manifestsOf: ReadManifests,
): (request: SearchRequest, call?: Call) => Promise<Hit[]> {
  const attempted = `searching the Qdrant collection "${collection}"`;
  const versions = createCurrentVersions(manifestsOf, attempted);

  return async (request, call) => {
    const searches = queriesFor(request, dense, similarities);
    if (searches.length === 0) return [];
    const manifests = versions.ahead();
    const asked = manifests ? [...searches, manifests.query] : searches;
    const answer: unknown = await callApi(
      attempted,
      client.api().queryBatchPoints({ collection_name: collection, searches: asked }, initOf(call)),
    );
    if (!isAnswer(answer, asked.length)) throw malformed(attempted);
    const known = manifests?.versionsIn(answer.pop()?.points ?? []);
    const [fused = { points: [] }, rescored = { points: [] }] = answer;
    const cosines = new Map(rescored.points.map(({ id, score }) => [id, score]));

    const found = fused.points.map((point) => {
      const chunk = chunkOf(point);
      if (!chunk) throw malformed(attempted);
      return { ...chunk, score: point.score, similarity: cosines.get(point.id) };
    });
    const ids = found.map(({ hit }) => hit.documentId);
    const current = await versions.of(ids, known, call);
    return found
      .filter(({ version, hit }) => current.get(hit.documentId) === version)
      .map(({ hit, score, similarity }) => ({ ...hit, score, ...(similarity !== undefined && { similarity }) }));
  };
}

/** The fused ranking, then the same points by cosine where that is wanted; none when nothing can be found. */
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

function isAnswer(answer: unknown, length: number): answer is ScoredPoints[] {
  return Array.isArray(answer) && answer.length === length && answer.every(isScoredPoints);
}

function isScoredPoints(value: unknown): value is ScoredPoints {
  const { points } = (value ?? {}) as { points?: unknown };
  return Array.isArray(points) && points.every((point) => typeof point?.score === "number");
}
