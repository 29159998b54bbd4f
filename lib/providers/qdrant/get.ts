import type { QdrantClient } from "@qdrant/js-client-rest";
import type { Call, DocumentRequest, Metadata, StoredChunk, StoredDocument } from "#rag/ports.ts";
import { callApi, initOf } from "./client.ts";
import type { ReadManifests } from "./current-versions.ts";
import { malformedResponse } from "./error.ts";
import { conditionsOf } from "./filter.ts";
import { chunkOf, type DocumentManifest, HIT_FIELDS, type StoredPoint } from "./points.ts";

const FIELDS = [...HIT_FIELDS, "position", "topic_ids", "metadata"];

interface PointOfDocument {
  position: number;
  topics: number[];
  metadata: string[];
  chunk: StoredChunk;
  document: Pick<StoredDocument, "title" | "url">;
}

/**
 * Reads a document that has chunks and passes the filter, with some of its chunks. A document that does not pass takes the
 * same requests as one that does not exist: its manifest, its chunks, and the manifest again, since the chunks may have
 * been those of a version that was replaced meanwhile.
 */
export function createQdrantGet(
  client: QdrantClient,
  collection: string,
  manifestsOf: ReadManifests,
): (documentId: string, request: DocumentRequest, call?: Call) => Promise<StoredDocument | undefined> {
  const api = client.api();

  /** The document's first chunk, and those that were asked for, in the order of the document. */
  async function pointsOf(
    documentId: string,
    version: string,
    { filter, from = 0, limit }: DocumentRequest,
    call?: Call,
  ): Promise<PointOfDocument[]> {
    const conditions = conditionsOf(filter);
    if (!conditions) return [];
    const attempted = `reading document "${documentId}" in the Qdrant collection "${collection}"`;
    const { points }: { points?: unknown } = await callApi(
      attempted,
      api.scrollPoints(
        {
          ...{ collection_name: collection, limit: limit + 1, with_payload: FIELDS, with_vector: false },
          filter: {
            must: [
              { key: "document_id", match: { value: documentId.toWellFormed() } },
              { key: "version", match: { value: version } },
              ...conditions,
            ],
            should: [
              { key: "position", match: { value: 0 } },
              { key: "position", range: { gte: from, lt: from + limit } },
            ],
          },
        },
        initOf(call),
      ),
    );
    if (!Array.isArray(points)) throw malformedResponse(attempted);
    return (points as StoredPoint[])
      .map((point) => pointOfDocument(point) ?? raise(malformedResponse(attempted)))
      .sort((a, b) => a.position - b.position);
  }

  return async (documentId, request, call) => {
    const { from = 0 } = request;
    const read = async (): Promise<DocumentManifest | undefined> =>
      (await manifestsOf([documentId], call)).get(documentId);

    let manifest = await read();
    let points = await pointsOf(documentId, manifest?.current ?? "", request, call);
    if (points.length === 0) {
      const again = await read();
      if (again?.current === manifest?.current) return undefined;
      manifest = again;
      points = await pointsOf(documentId, manifest?.current ?? "", request, call);
    }
    const [first] = points;
    if (!first || !manifest) return undefined;
    const { chunks, updated_at: updatedAt } = manifest;
    return {
      ...{ id: documentId, ...first.document, topicIds: first.topics, chunks },
      ...(updatedAt !== undefined && { updatedAt }),
      metadata: Object.fromEntries(first.metadata.map((entry) => JSON.parse(entry))) as Metadata,
      content: points.filter(({ position }) => position >= from).map(({ chunk }) => chunk),
    };
  };
}

function pointOfDocument(point: StoredPoint): PointOfDocument | undefined {
  const { position, topic_ids, metadata } = point.payload ?? {};
  const stored = chunkOf(point);
  if (!stored || typeof position !== "number" || !Array.isArray(topic_ids) || !Array.isArray(metadata))
    return undefined;
  const { chunkId: id, heading, text, title, url } = stored.hit;
  return {
    ...{ position, topics: topic_ids, metadata },
    chunk: { id, position, heading, text },
    document: { title, ...(url !== undefined && { url }) },
  };
}

function raise(error: Error): never {
  throw error;
}
