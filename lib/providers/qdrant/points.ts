import { createHash } from "node:crypto";
import type { Schemas } from "@qdrant/js-client-rest";
import { sparseDocument } from "#providers/lexical/bm25-sparse.ts";
import type { DocumentRecord, EmbeddedChunk, Hit } from "#rag/ports.ts";
import { SPARSE } from "./collection.ts";
import { malformedResponse } from "./error.ts";
import { storedMetadata, storedTopics } from "./filter.ts";
import { numbersOf } from "./vector.ts";

/** A point without its vectors, as Qdrant returns it. */
export interface StoredPoint {
  id: string | number;
  payload?: Record<string, unknown> | null;
}

/** A document's manifest: the payload of a point without vectors that names the current version. */
export interface DocumentManifest {
  /** Absent while the document is being removed. */
  current?: string;
  chunks: number;
  /** The version before, whose chunks may not be deleted yet. */
  previous?: string;
  /** When the current version was stored, in milliseconds since 1970; earlier versions of this program did not write it. */
  updated_at?: number;
}

/** Title words count more: they say what a chunk is about. The embedded store uses the same weights. */
const WEIGHTS = { title: 1.5, heading: 1, text: 1 };

/** Points per upsert: 6 MB of JSON at 3,072 dimensions; Qdrant's limit is 32 MB. */
export const UPSERT_BATCH = 64;

/** Payload fields that {@link chunkOf} reads. */
export const HIT_FIELDS = ["document_id", "version", "chunk_id", "title", "url", "heading", "text"];

export function manifestId(documentId: string): string {
  return uuidOf(["document", documentId.toWellFormed()]);
}

export function manifestPoint(documentId: string, manifest: DocumentManifest): Schemas["PointStruct"] {
  return { id: manifestId(documentId), vector: {}, payload: { document_id: documentId.toWellFormed(), ...manifest } };
}

/** Contains the version: chunks of a new version do not overwrite those that are still being read. */
export function chunkPointId(documentId: string, version: string, position: number): string {
  return uuidOf(["chunk", documentId.toWellFormed(), version, position]);
}

/** A chunk's dense and sparse vectors; `dense` is the name of the dense one. */
export function vectorsOf(
  { title, heading, text }: { title: string; heading: string; text: string },
  dense: string,
  vector: Float32Array,
): Record<string, number[] | Schemas["SparseVector"]> {
  const sparse = sparseDocument([
    { text: title, weight: WEIGHTS.title },
    { text: heading, weight: WEIGHTS.heading },
    { text, weight: WEIGHTS.text },
  ]);
  return { [dense]: numbersOf(vector), ...(sparse.indices.length > 0 && { [SPARSE]: sparse }) };
}

/**
 * @param dense the name of the vectors
 * @param storedAt milliseconds since 1970
 */
export function chunkPoint(
  { id, title, url, topicIds, metadata, version }: DocumentRecord,
  chunk: EmbeddedChunk,
  dense: string,
  storedAt: number,
): Schemas["PointStruct"] {
  const { heading, text, position } = chunk;
  return {
    id: chunkPointId(id, version, position),
    vector: vectorsOf({ title, heading, text }, dense, chunk.vector),
    // Well-formed: Qdrant's JSON parser rejects lone surrogates.
    payload: {
      document_id: id.toWellFormed(),
      version,
      stored_at: storedAt,
      chunk_id: chunk.id.toWellFormed(),
      position,
      title: title.toWellFormed(),
      ...(url !== undefined && { url: url.toWellFormed() }),
      heading: heading.toWellFormed(),
      text: text.toWellFormed(),
      topic_ids: storedTopics(topicIds),
      metadata: storedMetadata(metadata),
    },
  };
}

/** Reads a point as a manifest; `undefined` when it is not one. */
export function manifestOf({ payload }: StoredPoint): DocumentManifest | undefined {
  const { current, chunks, previous, updated_at } = payload ?? {};
  if (typeof chunks !== "number") return undefined;
  return {
    chunks,
    ...(typeof current === "string" && { current }),
    ...(typeof previous === "string" && { previous }),
    ...(typeof updated_at === "number" && { updated_at }),
  };
}

/**
 * Reads points as manifests, by document id.
 *
 * @param documents ids of the requested documents, by the id of their manifest
 * @throws QdrantError (`malformed_response`) for a point that is not a manifest of one of them
 */
export function manifestsIn(
  points: readonly (StoredPoint | null)[],
  documents: ReadonlyMap<string, string>,
  attempted: string,
): Map<string, DocumentManifest> {
  return new Map(
    points.map((point) => {
      const documentId = documents.get(String(point?.id));
      const manifest = point && manifestOf(point);
      if (documentId === undefined || !manifest) throw malformedResponse(attempted);
      return [documentId, manifest];
    }),
  );
}

/** Reads a point as a chunk, with its version; `undefined` when it is not one. */
export function chunkOf({ payload }: StoredPoint): { version: string; hit: Omit<Hit, "score"> } | undefined {
  const { document_id, version, chunk_id, title, url, heading, text } = payload ?? {};
  if (typeof document_id !== "string" || typeof version !== "string" || typeof chunk_id !== "string") return undefined;
  if (typeof title !== "string" || typeof heading !== "string" || typeof text !== "string") return undefined;
  const hit = { chunkId: chunk_id, documentId: document_id, title, heading, text };
  return { version, hit: { ...hit, ...(typeof url === "string" && { url }) } };
}

/** The first 128 bits of a hash as a UUID version 8 (RFC 9562, section 5.8). */
function uuidOf(parts: readonly (string | number)[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
