import type { QdrantClient } from "@qdrant/js-client-rest";
import { CursorError } from "#rag/errors.ts";
import type { Call, ListedDocument, Listing, ListRequest } from "#rag/ports.ts";
import { callApi, initOf } from "./client.ts";
import type { ReadManifests } from "./current-versions.ts";
import { malformedResponse } from "./error.ts";
import { conditionsOf } from "./filter.ts";
import type { StoredPoint } from "./points.ts";

/** Of a first chunk, as `chunkPoint` writes it. */
interface Payload {
  document_id: string;
  version: string;
  title: string;
  url?: string;
  topic_ids: number[];
}

/** Qdrant has no index for the beginning of a keyword: so many pages are read for one that has a match. */
const MAX_PAGES = 10;
const FIELDS = ["document_id", "version", "title", "url", "topic_ids"];
const UUID = /^[0-9a-f-]{36}$/;

/** Lists documents by their first chunks, in the order of these chunks' ids. */
export function createQdrantList(
  client: QdrantClient,
  collection: string,
  manifestsOf: ReadManifests,
): (request: ListRequest, call?: Call) => Promise<Listing> {
  const attempted = `listing the Qdrant collection "${collection}"`;
  const api = client.api();

  async function page(request: ListRequest, call?: Call): Promise<Listing> {
    const { prefix = "", filter, cursor, limit } = request;
    const conditions = conditionsOf(filter);
    if (!conditions) return { documents: [] };
    const { points, next_page_offset: next }: { points?: unknown; next_page_offset?: unknown } = await callApi(
      attempted,
      api.scrollPoints(
        {
          ...{ collection_name: collection, limit, with_payload: FIELDS, with_vector: false },
          filter: { must: [{ key: "position", match: { value: 0 } }, ...conditions] },
          ...(cursor !== undefined && { offset: cursor }),
        },
        initOf(call),
      ),
    );
    if (!Array.isArray(points)) throw malformedResponse(attempted);
    const found = (points as StoredPoint[]).map(({ payload }) => payload as unknown as Payload);
    const wanted = found.filter(({ document_id }) => document_id.startsWith(prefix));
    const manifests = await manifestsOf([...new Set(wanted.map(({ document_id }) => document_id))], call);
    const documents = wanted.flatMap(({ document_id: id, version, title, url, topic_ids }): ListedDocument[] => {
      const { current, chunks = 0, updated_at: updatedAt } = manifests.get(id) ?? {};
      if (current !== version) return [];
      const optional = { ...(url && { url }), ...(updatedAt !== undefined && { updatedAt }) };
      return [{ id, title, topicIds: topic_ids, chunks, ...optional }];
    });
    return { documents, ...(typeof next === "string" && { next }) };
  }

  return async (request, call) => {
    if (request.cursor !== undefined && !UUID.test(request.cursor)) throw new CursorError();
    let listing = await page(request, call);
    for (let pages = 1; pages < MAX_PAGES && listing.documents.length === 0 && listing.next !== undefined; pages++) {
      listing = await page({ ...request, cursor: listing.next }, call);
    }
    return listing;
  };
}
