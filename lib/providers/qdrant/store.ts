import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { batchesOf } from "#async/batches.ts";
import { locationAt } from "#rag/identity.ts";
import type { Call, EmbeddedChunk, Location, VectorStore } from "#rag/ports.ts";
import { callApi, createQdrantClient, initOf, type QdrantOptions } from "./client.ts";
import { type CollectionContent, denseName, prepareCollection } from "./collection.ts";
import { malformedResponse, QdrantError } from "./error.ts";
import { createQdrantGet } from "./get.ts";
import { createQdrantList } from "./list.ts";
import { chunkPoint, type DocumentManifest, manifestId, manifestPoint, manifestsIn, UPSERT_BATCH } from "./points.ts";
import { prepareInBackground, prepareInCalls } from "./ready.ts";
import { createQdrantSearch } from "./search.ts";

export interface QdrantStoreOptions extends CollectionContent {
  /** Name of a collection or an alias. */
  collection: string;
  location?: Location;
  /** Whether search returns each hit's cosine (default true); see {@link SearchedCollection}. */
  similarities?: boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
}

const READ_BATCH = 1000;

/** Chunks of an unknown version this old were left by a writer that died: no write of a document takes that long. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * A store in the Qdrant collection `collection`, which is created in the background when missing, so that a cold start
 * does not wait. `ready` rejects when that failed; the next call tries again.
 *
 * Calls throw QdrantError (`collection_mismatch`), naming both, when the collection holds another model's vectors.
 */
export function openQdrantStore(options: QdrantStoreOptions & QdrantOptions): {
  store: VectorStore;
  ready: Promise<void>;
} {
  const { store, prepare } = createUnpreparedStore(options);
  return prepareInBackground(store, prepare);
}

/** The same where a promise belongs to the request that made it: the first calls create the collection when it is missing. */
export function openRequestBoundQdrantStore(options: QdrantStoreOptions & QdrantOptions): VectorStore {
  const { store, prepare } = createUnpreparedStore(options);
  return prepareInCalls(store, prepare);
}

function createUnpreparedStore(options: QdrantStoreOptions & QdrantOptions) {
  const client = createQdrantClient(options);
  const store = createQdrantStore(client, { location: locationAt(options.url), ...options });
  return { store, prepare: () => prepareCollection(client, options.collection, options) };
}

/**
 * A store in an existing collection. Every document has a manifest, a point without vectors that names the current
 * version; search ignores chunks of other versions. `replace` writes the new chunks, then the manifest, then deletes the
 * old chunks: readers see the old document until the manifest is written, and the new one from then on. A writer that
 * dies leaves either of them complete. When two writers replace the same document, the last manifest wins.
 */
function createQdrantStore(
  client: QdrantClient,
  { collection, model, dimensions, location, similarities = true, now = Date.now }: QdrantStoreOptions,
): VectorStore {
  const api = client.api();
  const collection_name = collection;
  const dense = denseName({ model, dimensions });
  const upsertPoints = (documentId: string, points: Schemas["PointStruct"][], call?: Call) =>
    callApi(
      `storing document "${documentId}" in the Qdrant collection "${collection}"`,
      api.upsertPoints({ collection_name, points, wait: true }, initOf(call)),
    );
  const deletePoints = (
    documentId: string,
    selector: { points: string[] } | { filter: Schemas["Filter"] },
    call?: Call,
  ) =>
    callApi(
      `deleting from document "${documentId}" in the Qdrant collection "${collection}"`,
      api.deletePoints({ collection_name, ...selector, wait: true }, initOf(call)),
    );

  async function manifestsOf(documentIds: readonly string[], call?: Call): Promise<Map<string, DocumentManifest>> {
    const attempted = `reading versions from the Qdrant collection "${collection}"`;
    const ids = new Map(documentIds.map((documentId) => [manifestId(documentId), documentId]));
    const manifests = new Map<string, DocumentManifest>();
    for (const batch of batchesOf([...ids.keys()], READ_BATCH)) {
      const request = { ids: batch, with_payload: ["current", "chunks", "previous", "updated_at"], with_vector: false };
      const points: unknown = await callApi(attempted, api.getPoints({ collection_name, ...request }, initOf(call)));
      if (!Array.isArray(points)) throw malformedResponse(attempted);
      for (const [documentId, manifest] of manifestsIn(points, ids, attempted)) manifests.set(documentId, manifest);
    }
    return manifests;
  }

  /** Deletes the document's chunks of the obsolete versions, and those left by writers that died. */
  async function deleteObsoleteChunks(
    documentId: string,
    startedAt: number,
    obsolete: string[],
    call?: Call,
  ): Promise<void> {
    const filter: Schemas["Filter"] = {
      // Not those stored after `startedAt`: another writer may be writing that version again.
      must: [
        { key: "document_id", match: { value: documentId.toWellFormed() } },
        { key: "stored_at", range: { lt: startedAt } },
      ],
      should: [
        { key: "version", match: { any: obsolete } },
        { key: "stored_at", range: { lt: startedAt - ABANDONED_AFTER_MS } },
      ],
    };
    await deletePoints(documentId, { filter }, call);
  }

  function assertDimensions(documentId: string, chunks: readonly EmbeddedChunk[]): void {
    const invalid = chunks.find(({ vector }) => vector.length !== dimensions);
    if (!invalid) return;
    const { position, vector } = invalid;
    throw new QdrantError(
      `storing document "${documentId}" failed: chunk ${position} has a vector of ${vector.length} dimensions, ` +
        `but the Qdrant collection "${collection}" has ${dimensions}`,
      { code: "wrong_dimensions" },
    );
  }

  return {
    system: "qdrant",
    collection,
    ...location,

    async versions(documentIds, call) {
      const found = new Map<string, { version: string; chunks: number }>();
      for (const [id, { current, chunks }] of await manifestsOf(documentIds, call)) {
        if (current !== undefined) found.set(id, { version: current, chunks });
      }
      return found;
    },

    async replace(document, chunks, call) {
      assertDimensions(document.id, chunks);
      const startedAt = now();
      const { id, version } = document;
      const obsolete = obsoleteVersions((await manifestsOf([id], call)).get(id), version);
      for (const batch of batchesOf(chunks, UPSERT_BATCH)) {
        await upsertPoints(
          id,
          batch.map((chunk) => chunkPoint(document, chunk, dense, startedAt)),
          call,
        );
      }
      const manifest = { current: version, chunks: chunks.length, updated_at: now(), ...previousOf(obsolete) };
      await upsertPoints(id, [manifestPoint(id, manifest)], call);
      await deleteObsoleteChunks(id, startedAt, obsolete, call);
    },

    async remove(documentId, call) {
      const startedAt = now();
      const manifest = (await manifestsOf([documentId], call)).get(documentId);
      if (!manifest) return undefined;
      const obsolete = obsoleteVersions(manifest);
      const withoutCurrent = { chunks: manifest.chunks, ...previousOf(obsolete) };
      await upsertPoints(documentId, [manifestPoint(documentId, withoutCurrent)], call);
      // The manifest is deleted last: if deleting the chunks fails, a retry still finds their version.
      await deleteObsoleteChunks(documentId, startedAt, obsolete, call);
      await deletePoints(documentId, { points: [manifestId(documentId)] }, call);
      return manifest.chunks;
    },

    list: createQdrantList(client, collection, manifestsOf),

    get: createQdrantGet(client, collection, manifestsOf),

    search: createQdrantSearch(client, { collection, dense, similarities }, manifestsOf),

    async ping() {
      const attempted = `reading the Qdrant collection "${collection}"`;
      await callApi(attempted, api.getCollection({ collection_name }));
    },
  };
}

/** Versions whose chunks are deleted once `version` is the current one: the previous one and the one before that. */
function obsoleteVersions(manifest: DocumentManifest | undefined, version?: string): string[] {
  const earlier = [manifest?.current, manifest?.previous];
  return earlier.filter((other) => other !== undefined && other !== version) as string[];
}

function previousOf([previous]: readonly string[]): Pick<DocumentManifest, "previous"> {
  return previous === undefined ? {} : { previous };
}
