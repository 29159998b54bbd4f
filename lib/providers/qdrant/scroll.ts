import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { attempt } from "./client.ts";
import { malformedResponse } from "./error.ts";
import type { StoredPoint } from "./points.ts";

export interface ScrollOptions {
  /** Points per page. */
  limit: number;
  /** Payload fields to read; `true` for all. */
  fields: string[] | true;
  filter?: Schemas["Filter"];
}

/** Yields the points of a collection that pass the filter, ordered by id, page by page. */
export async function* scroll(
  client: QdrantClient,
  collection: string,
  { limit, fields, filter }: ScrollOptions,
): AsyncGenerator<StoredPoint[]> {
  const attempted = `reading the Qdrant collection "${collection}"`;
  const request = { limit, with_payload: fields, with_vector: false, ...(filter && { filter }) };
  let offset: string | number | null = null;
  do {
    const page: { points?: unknown; next_page_offset?: unknown } = await attempt(
      attempted,
      client.scroll(collection, { ...request, ...(offset !== null && { offset }) }),
    );
    const { points, next_page_offset: next = null } = page;
    if (!Array.isArray(points) || !(next === null || typeof next === "string" || typeof next === "number")) {
      throw malformedResponse(attempted);
    }
    yield points as StoredPoint[];
    offset = next;
  } while (offset !== null);
}

/** The existing points with these ids, by id. */
export async function pointsById(
  client: QdrantClient,
  collection: string,
  ids: string[],
  fields: string[] | boolean,
): Promise<Map<string, StoredPoint>> {
  if (ids.length === 0) return new Map();
  const attempted = `reading the Qdrant collection "${collection}"`;
  const request = { ids, with_payload: fields, with_vector: false };
  const points: unknown = await attempt(attempted, client.retrieve(collection, request));
  if (!Array.isArray(points)) throw malformedResponse(attempted);
  return new Map((points as StoredPoint[]).map((point) => [String(point.id), point]));
}
