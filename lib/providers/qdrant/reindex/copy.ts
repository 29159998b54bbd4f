import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { batchesOf } from "#async/batches.ts";
import { attempt } from "#providers/qdrant/client.ts";
import { denseName } from "#providers/qdrant/collection.ts";
import { QdrantError } from "#providers/qdrant/error.ts";
import {
  chunkOf,
  chunkPointId,
  manifestOf,
  type StoredPoint,
  UPSERT_BATCH,
  vectorsOf,
} from "#providers/qdrant/points.ts";
import { pointsById, scroll } from "#providers/qdrant/scroll.ts";
import type { Embedder } from "#rag/ports.ts";
import { textToEmbed } from "#rag/text-to-embed.ts";
import { withModel } from "#rag/version.ts";

/** Maximum number of chunks in memory, and per call of the embedder. */
const CHUNKS = 256;

export interface CopyOptions {
  client: QdrantClient;
  /** Collection names. The target holds vectors of the embedder's model. */
  source: string;
  target: string;
  embedder: Embedder;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Called after each batch of chunks was embedded and stored. */
  onEmbedded: (embedded: { chunks: number; tokens: number }) => void;
}

export interface CopiedDocument {
  documentId: string;
  /** Its version in the source. */
  current: string;
  /** Number of chunks according to the manifest, and number of chunks found. */
  chunks: number;
  found: number;
}

/**
 * Copies the current versions of the documents with these manifests to the target and re-embeds their chunks. Chunks
 * that the target already has are skipped. A document's manifest is written once all of its chunks are stored; then its
 * other versions are deleted from the target. A document that is being replaced or removed may be found only in part: no
 * manifest is written for it.
 */
export async function copyDocuments(options: CopyOptions, manifestIds: string[]): Promise<CopiedDocument[]> {
  const { client, source, target } = options;
  const manifests = await manifestsToCopy(options, manifestIds);
  if (manifests.size === 0) return [];
  const filter = {
    must: [
      { key: "document_id", match: { any: [...manifests.keys()] } },
      { key: "version", match: { any: [...manifests.values()].map(({ current }) => current) } },
    ],
  };
  for await (const page of scroll(client, source, { limit: CHUNKS, fields: true, filter })) {
    const chunks = page.flatMap((point) => {
      const manifest = manifests.get(String(point.payload?.document_id));
      return manifest && point.payload?.version === manifest.current ? [{ manifest, point }] : [];
    });
    await copyChunks(options, chunks);
    for (const { manifest } of chunks) manifest.found++;
  }
  const complete = [...manifests.values()].filter(({ chunks, found }) => found === chunks);
  await upsert(
    client,
    target,
    complete.map(({ id, payload, version: current }) => ({
      id,
      vector: {},
      payload: { ...payload, current },
    })),
  );
  await deleteOtherVersions(client, target, complete);
  return [...manifests.values()].map(({ documentId, current, chunks, found }) => ({
    documentId,
    current,
    chunks,
    found,
  }));
}

interface CopiedManifest extends CopiedDocument {
  id: string;
  payload: Record<string, unknown>;
  /** Its version in the target. */
  version: string;
}

async function manifestsToCopy(
  { client, source, embedder }: CopyOptions,
  manifestIds: string[],
): Promise<Map<string, CopiedManifest>> {
  const manifests = new Map<string, CopiedManifest>();
  for (const [id, point] of await pointsById(client, source, manifestIds, true)) {
    const { current, chunks = 0 } = manifestOf(point) ?? {};
    const { previous: _, ...payload } = point.payload ?? {};
    if (current === undefined || typeof payload.document_id !== "string") continue;
    const documentId = payload.document_id;
    const version = await withModel(current, embedder);
    manifests.set(documentId, { documentId, id, payload, current, version, chunks, found: 0 });
  }
  return manifests;
}

async function copyChunks(
  { client, source, target, embedder, now = Date.now, onEmbedded }: CopyOptions,
  chunks: readonly { manifest: CopiedManifest; point: StoredPoint }[],
): Promise<void> {
  const copies = chunks.map(({ manifest, point }) => {
    const chunk = chunkOf(point)?.hit;
    const position = point.payload?.position;
    if (!chunk || typeof position !== "number") {
      throw new QdrantError(`the Qdrant collection "${source}" has a point that is not a valid chunk: ${point.id}`);
    }
    const payload = { ...point.payload, version: manifest.version, stored_at: now() };
    return { id: chunkPointId(manifest.documentId, manifest.version, position), chunk, payload };
  });
  const present = await pointsById(
    client,
    target,
    copies.map(({ id }) => id),
    false,
  );
  const missing = copies.filter(({ id }) => !present.has(id));
  if (missing.length === 0) return;
  const { vectors, tokens } = await embedder.embed(
    missing.map(({ chunk }) => textToEmbed(chunk, chunk)),
    { kind: "passage" },
  );
  const dense = denseName(embedder);
  const points = missing.map(({ id, chunk, payload }, index) => {
    const vector = vectors[index];
    if (!vector) throw new Error(`${embedder.model} returned too few vectors`);
    return { id, vector: vectorsOf(chunk, dense, vector), payload };
  });
  await upsert(client, target, points);
  onEmbedded({ chunks: points.length, tokens });
}

async function upsert(client: QdrantClient, collection: string, points: Schemas["PointStruct"][]): Promise<void> {
  for (const batch of batchesOf(points, UPSERT_BATCH)) {
    await attempt(
      `storing in the Qdrant collection "${collection}"`,
      client.upsert(collection, { points: batch, wait: true }),
    );
  }
}

/** Only chunks have `stored_at`, so manifests are kept. */
async function deleteOtherVersions(
  client: QdrantClient,
  collection: string,
  manifests: readonly CopiedManifest[],
): Promise<void> {
  if (manifests.length === 0) return;
  const should = manifests.map(({ documentId, version }) => ({
    must: [{ key: "document_id", match: { value: documentId } }],
    must_not: [{ key: "version", match: { value: version } }],
  }));
  const filter = { must: [{ key: "stored_at", range: { gte: 0 } }], should };
  await attempt(
    `deleting from the Qdrant collection "${collection}"`,
    client.delete(collection, { filter, wait: true }),
  );
}
