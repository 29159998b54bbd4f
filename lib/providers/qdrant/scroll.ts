import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { ask } from "./client.ts";
import { malformed } from "./error.ts";
import type { StoredPoint } from "./points.ts";

export interface ScrollOptions {
  /** Points per page. */
  limit: number;
  /** Fields of the payload that are wanted. */
  fields: string[] | true;
  filter?: Schemas["Filter"];
}

/** The points of a collection that pass the filter, in the order of their ids, page by page. */
export async function* scroll(
  client: QdrantClient,
  collection: string,
  { limit, fields, filter }: ScrollOptions,
): AsyncGenerator<StoredPoint[]> {
  const attempted = `reading the Qdrant collection "${collection}"`;
  const question = { limit, with_payload: fields, with_vector: false, ...(filter && { filter }) };
  let offset: string | number | null = null;
  do {
    const page: { points?: unknown; next_page_offset?: unknown } = await ask(
      attempted,
      client.scroll(collection, { ...question, ...(offset !== null && { offset }) }),
    );
    const { points, next_page_offset: next = null } = page;
    if (!Array.isArray(points) || !(next === null || typeof next === "string" || typeof next === "number")) {
      throw malformed(attempted);
    }
    yield points as StoredPoint[];
    offset = next;
  } while (offset !== null);
}

/** The points with these ids that are there, by id. */
export async function pointsById(
  client: QdrantClient,
  collection: string,
  ids: string[],
  fields: string[] | boolean,
): Promise<Map<string, StoredPoint>> {
  if (ids.length === 0) return new Map();
  const attempted = `reading the Qdrant collection "${collection}"`;
  const question = { ids, with_payload: fields, with_vector: false };
  const points: unknown = await ask(attempted, client.retrieve(collection, question));
  if (!Array.isArray(points)) throw malformed(attempted);
  return new Map((points as StoredPoint[]).map((point) => [String(point.id), point]));
}
