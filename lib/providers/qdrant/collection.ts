import { createHash } from "node:crypto";
import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import type { Call } from "#rag/ports.ts";
import { pointAlias } from "./alias.ts";
import { callApi, hasStatus, initOf } from "./client.ts";
import { QdrantError } from "./error.ts";

/** The embedding model of a collection's vectors; vectors of different models cannot be compared. */
export interface CollectionContent {
  /** The embedding model's name. */
  model: string;
  dimensions: number;
}

export const SPARSE = "bm25";

/**
 * The name of a point's dense vector. It contains a hash of the model: after the alias was switched to another model's
 * collection, Qdrant rejects the requests of a function that is still configured for the old one.
 */
export function denseName({ model, dimensions }: CollectionContent): string {
  return `dense-${createHash("sha256")
    .update(JSON.stringify([model, dimensions]))
    .digest("hex")
    .slice(0, 16)}`;
}

/** Incremented with every change of the points' payload or of how sparse vectors are computed. */
const LAYOUT = 3;

/** Every field used in a filter: without an index a filter scans all points, and strict mode rejects it. */
const INDEXES = {
  document_id: "keyword",
  version: "keyword",
  position: "integer",
  stored_at: "integer",
  topic_ids: "integer",
  metadata: "keyword",
} as const;

/**
 * Ensures that the alias `name`, or a collection of that name, exists and holds `content`. When there is neither, creates
 * `<name>_v1` and points the alias at it. Completes what an interrupted start left undone.
 *
 * @throws QdrantError (`collection_mismatch`) when it holds another model's vectors, or was not created by this code
 */
export async function prepareCollection(
  client: QdrantClient,
  name: string,
  content: CollectionContent,
  call?: Call,
): Promise<void> {
  const found = await infoOf(client, name, call);
  if (found) {
    assertContent(name, found, content);
    return createIndexes(client, name, found.payload_schema, call);
  }
  const first = `${name}_v1`;
  await createCollection(client, first, content, call);
  await pointAlias(client, name, first, call);
}

/** Creates a collection with its indexes; an existing one is checked and completed. */
export async function createCollection(
  client: QdrantClient,
  name: string,
  content: CollectionContent,
  call?: Call,
): Promise<void> {
  const attempted = `creating the Qdrant collection "${name}"`;
  // Concurrent starts and interrupted ones are not errors.
  if (!(await infoOf(client, name, call))) {
    await callApi(
      attempted,
      // Not `client.createCollection`, which drops the metadata (1.18.0).
      client.api().createCollection(
        {
          collection_name: name,
          vectors: { [denseName(content)]: { size: content.dimensions, distance: "Cosine" } },
          sparse_vectors: { [SPARSE]: { modifier: "idf" } },
          metadata: { model: content.model, layout: LAYOUT },
        },
        initOf(call),
      ),
    ).catch((error: unknown) => {
      if (!hasStatus(error, 409)) throw error;
    });
  }
  const info = await infoOf(client, name, call);
  if (!info) throw new QdrantError(`${attempted} failed: it does not exist afterwards`);
  assertContent(name, info, content);
  await createIndexes(client, name, info.payload_schema, call);
}

/** `undefined` when there is no collection or alias of that name. */
export async function infoOf(
  client: QdrantClient,
  name: string,
  call?: Call,
): Promise<Schemas["CollectionInfo"] | undefined> {
  try {
    return await callApi(
      `reading the Qdrant collection "${name}"`,
      client.api().getCollection({ collection_name: name }, initOf(call)),
    );
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

async function createIndexes(client: QdrantClient, name: string, present: object = {}, call?: Call): Promise<void> {
  for (const [field, schema] of Object.entries(INDEXES)) {
    if (field in present) continue;
    await callApi(
      `indexing "${field}" of the Qdrant collection "${name}"`,
      client
        .api()
        .createFieldIndex({ collection_name: name, field_name: field, field_schema: schema, wait: true }, initOf(call)),
    );
  }
}

/** The collection's content, or `undefined` when it was not created by this version of this program. */
export function contentOf({ config }: Schemas["CollectionInfo"]): CollectionContent | undefined {
  const { vectors, sparse_vectors } = config?.params ?? {};
  const { model, layout } = (config?.metadata ?? {}) as { model?: unknown; layout?: unknown };
  const [dense] = Object.values((vectors ?? {}) as Record<string, { size?: unknown; distance?: unknown } | null>);
  if (dense?.distance !== "Cosine" || sparse_vectors?.[SPARSE]?.modifier !== "idf" || layout !== LAYOUT) return;
  if (typeof model !== "string" || typeof dense.size !== "number") return;
  const content = { model, dimensions: dense.size };
  return denseName(content) in (vectors ?? {}) ? content : undefined;
}

export function isSame(one: CollectionContent | undefined, other: CollectionContent): boolean {
  return one?.model === other.model && one.dimensions === other.dimensions;
}

/** @throws QdrantError (`collection_mismatch`) unless the collection or alias `name`, of which `info` is, holds `wanted` */
export function assertContent(name: string, info: Schemas["CollectionInfo"], wanted: CollectionContent): void {
  const content = contentOf(info);
  if (isSame(content, wanted)) return;
  const found = content
    ? `holds vectors of ${content.model} with ${content.dimensions} dimensions, ` +
      `and the configured model is ${wanted.model} with ${wanted.dimensions}`
    : "was created by another program or another version of this one";
  throw new QdrantError(
    `the Qdrant collection "${name}" ${found}: rebuild it with npm run reindex, or set QDRANT_COLLECTION to another name`,
    { code: "collection_mismatch" },
  );
}
