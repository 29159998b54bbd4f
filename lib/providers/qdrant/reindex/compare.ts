import type { QdrantClient } from "@qdrant/js-client-rest";
import { batchesOf } from "#async/batches.ts";
import { type DocumentManifest, manifestId, manifestOf } from "#providers/qdrant/points.ts";
import { pointsById, scroll } from "#providers/qdrant/scroll.ts";

const MANIFEST_FIELDS = ["document_id", "current", "chunks"];
const READ_BATCH = 1000;
/** Documents that are copied together: the number of ids in one filter. */
const COPY_BATCH = 64;

/** A document's manifest in the source collection, with its point's id. */
export interface SourceManifest extends DocumentManifest {
  id: string;
  documentId: string;
  current: string;
}

/**
 * Yields the documents of `source` in batches. `stale` are those that `target` lacks in the version returned by
 * `versionFor`; without a target, all of them. Documents that are being removed are skipped.
 */
export async function* documentsOf(
  client: QdrantClient,
  source: string,
  target: string | undefined,
  versionFor: (version: string) => Promise<string>,
): AsyncGenerator<{ all: SourceManifest[]; stale: SourceManifest[] }> {
  // Scrolls all points: manifests have no indexed field that distinguishes them from chunks.
  for await (const page of scroll(client, source, { limit: READ_BATCH, fields: MANIFEST_FIELDS })) {
    const manifests = page.flatMap((point): SourceManifest[] => {
      const { current, chunks } = manifestOf(point) ?? {};
      const documentId = point.payload?.document_id;
      if (current === undefined || chunks === undefined || typeof documentId !== "string") return [];
      return [{ id: String(point.id), documentId, current, chunks }];
    });
    for (const all of batchesOf(manifests, COPY_BATCH)) {
      const ids = all.map(({ id }) => id);
      const existing = target === undefined ? undefined : await pointsById(client, target, ids, ["current", "chunks"]);
      const versions = await Promise.all(all.map(({ current }) => versionFor(current)));
      const stale = all.filter(({ id }, index) => manifestOf(existing?.get(id) ?? { id })?.current !== versions[index]);
      yield { all, stale };
    }
  }
}

/** Yields the ids of documents that have points in `target`, with or without a manifest, but are not in `source`. */
export async function* orphanedDocumentsOf(
  client: QdrantClient,
  source: string,
  target: string,
): AsyncGenerator<string[]> {
  for await (const page of scroll(client, target, { limit: READ_BATCH, fields: ["document_id"] })) {
    const ids = new Map(
      page.flatMap(({ payload }) => {
        const documentId = payload?.document_id;
        return typeof documentId === "string" ? [[manifestId(documentId), documentId] as const] : [];
      }),
    );
    const manifests = await pointsById(client, source, [...ids.keys()], MANIFEST_FIELDS);
    const orphaned = [...ids].filter(([id]) => manifestOf(manifests.get(id) ?? { id })?.current === undefined);
    if (orphaned.length > 0) yield orphaned.map(([, documentId]) => documentId);
  }
}
