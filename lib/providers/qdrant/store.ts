import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { batchesOf } from "#async/batches.ts";
import type { Call, EmbeddedChunk, VectorStore } from "#rag/ports.ts";
import { callApi, createQdrantClient, initOf, type QdrantOptions } from "./client.ts";
import { type CollectionContent, denseName, prepareCollection } from "./collection.ts";
import { malformed, QdrantError } from "./error.ts";
import { chunkPoint, type DocumentManifest, manifestId, manifestPoint, manifestsIn, UPSERT_BATCH } from "./points.ts";
import { prepareAhead } from "./ready.ts";
import { createQdrantSearch } from "./search.ts";

export interface QdrantStoreOptions extends CollectionContent {
  /** A collection or an alias of one. */
  collection: string;
  address?: string;
  /** Whether hits have their cosine: yes, unless nothing goes by it. */
  similarities?: boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
}

const READ_BATCH = 1000;

/** Chunks of an unknown version this old, in ms, are of a writer that died: none takes that long for a document. */
const ABANDONED_AFTER = 60 * 60 * 1000;

/**
 * A store in the Qdrant collection `collection`, which is created when it is missing. Nothing waits for that but the
 * calls that need it: a cold start goes on meanwhile. `ready` rejects when it failed; the next call tries again.
 *
 * Calls throw QdrantError (`collection_mismatch`) when it holds vectors of another model or size, naming both.
 */
export function openQdrantStore(options: QdrantStoreOptions & QdrantOptions): {
  store: VectorStore;
  ready: Promise<void>;
} {
  const client = createQdrantClient(options);
  const store = createQdrantStore(client, { address: new URL(options.url).hostname, ...options });
  return prepareAhead(store, () => prepareCollection(client, options.collection, options));
}

/**
 * The store over a collection that is there. Every document has a manifest, a point without vectors that names the version
 * which is the document; chunks of other versions are left out of searches. `replace` writes the new chunks, then the
 * manifest, then deletes the old chunks: readers see the old document until the manifest is written and the new one from then
 * on, and a writer that dies leaves the one or the other whole. Two writers of one document do not mix: the last manifest
 * counts.
 */
function createQdrantStore(
  client: QdrantClient,
  { collection, model, dimensions, address, similarities = true, now = Date.now }: QdrantStoreOptions,
): VectorStore {
  const api = client.api();
  const collection_name = collection;
  const dense = denseName({ model, dimensions });
  const upsert = (documentId: string, points: Schemas["PointStruct"][], call?: Call) =>
    callApi(
      `storing document "${documentId}" in the Qdrant collection "${collection}"`,
      api.upsertPoints({ collection_name, points, wait: true }, initOf(call)),
    );
  const erase = (documentId: string, selector: { points: string[] } | { filter: Schemas["Filter"] }, call?: Call) =>
    callApi(
      `deleting from document "${documentId}" in the Qdrant collection "${collection}"`,
      api.deletePoints({ collection_name, ...selector, wait: true }, initOf(call)),
    );

  async function manifestsOf(documentIds: readonly string[], call?: Call): Promise<Map<string, DocumentManifest>> {
    const attempted = `reading versions from the Qdrant collection "${collection}"`;
    const ids = new Map(documentIds.map((documentId) => [manifestId(documentId), documentId]));
    const manifests = new Map<string, DocumentManifest>();
    for (const batch of batchesOf([...ids.keys()], READ_BATCH)) {
      const question = { ids: batch, with_payload: ["current", "chunks", "previous"], with_vector: false };
      const points: unknown = await callApi(attempted, api.getPoints({ collection_name, ...question }, initOf(call)));
      if (!Array.isArray(points)) throw malformed(attempted);
      for (const [documentId, manifest] of manifestsIn(points, ids, attempted)) manifests.set(documentId, manifest);
    }
    return manifests;
  }

  /** Deletes the document's chunks of the versions in `gone`, and what dead writers left. */
  async function sweep(documentId: string, started: number, gone: string[], call?: Call): Promise<void> {
    const filter: Schemas["Filter"] = {
      // Not what is stored after `started`: somebody may be writing that version again.
      must: [
        { key: "document_id", match: { value: documentId.toWellFormed() } },
        { key: "stored_at", range: { lt: started } },
      ],
      should: [
        { key: "version", match: { any: gone } },
        { key: "stored_at", range: { lt: started - ABANDONED_AFTER } },
      ],
    };
    await erase(documentId, { filter }, call);
  }

  function refuseOtherSizes(documentId: string, chunks: readonly EmbeddedChunk[]): void {
    const odd = chunks.find(({ vector }) => vector.length !== dimensions);
    if (!odd) return;
    throw new QdrantError(
      `storing document "${documentId}" failed: chunk ${odd.position} has a vector of ${odd.vector.length} dimensions, ` +
        `and the Qdrant collection "${collection}" takes ${dimensions}`,
      { code: "wrong_dimensions" },
    );
  }

  return {
    system: "qdrant",
    collection,
    ...(address !== undefined && { address }),

    async versions(documentIds, call) {
      const found = new Map<string, { version: string; chunks: number }>();
      for (const [id, { current, chunks }] of await manifestsOf(documentIds, call)) {
        if (current !== undefined) found.set(id, { version: current, chunks });
      }
      return found;
    },

    async replace(document, chunks, call) {
      refuseOtherSizes(document.id, chunks);
      const started = now();
      const { id, version } = document;
      const gone = goneAfter((await manifestsOf([id], call)).get(id), version);
      for (const batch of batchesOf(chunks, UPSERT_BATCH)) {
        await upsert(
          id,
          batch.map((chunk) => chunkPoint(document, chunk, dense, started)),
          call,
        );
      }
      await upsert(id, [manifestPoint(id, { current: version, chunks: chunks.length, ...previousOf(gone) })], call);
      await sweep(id, started, gone, call);
    },

    async remove(documentId, call) {
      const started = now();
      const manifest = (await manifestsOf([documentId], call)).get(documentId);
      if (!manifest) return undefined;
      const gone = goneAfter(manifest);
      // The manifest goes last: if the chunks cannot be deleted, another attempt still finds what is to be deleted.
      await upsert(documentId, [manifestPoint(documentId, { chunks: manifest.chunks, ...previousOf(gone) })], call);
      await sweep(documentId, started, gone, call);
      await erase(documentId, { points: [manifestId(documentId)] }, call);
      return manifest.chunks;
    },

    search: createQdrantSearch(client, { collection, dense, similarities }, manifestsOf),

    async ping() {
      const attempted = `reading the Qdrant collection "${collection}"`;
      await callApi(attempted, api.getCollection({ collection_name }));
    },
  };
}

/** Versions whose chunks are to go once `version` is the document: the one before it, and the one before that. */
function goneAfter(manifest: DocumentManifest | undefined, version?: string): string[] {
  return [manifest?.current, manifest?.previous].filter((gone) => gone !== undefined && gone !== version) as string[];
}

function previousOf([previous]: readonly string[]): Pick<DocumentManifest, "previous"> {
  return previous === undefined ? {} : { previous };
}
