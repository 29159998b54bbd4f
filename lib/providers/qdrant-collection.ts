import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { ask, QdrantError } from "./qdrant-client.ts";

/** What a collection holds; vectors of two models cannot be compared. */
export interface CollectionContent {
  /** The embedding model's name. */
  model: string;
  dimensions: number;
}

/** Names of the two vectors of a point. */
export const DENSE = "dense";
export const SPARSE = "bm25";

/** Raised with every change of the points' payload or of what a text's sparse vector is. */
const LAYOUT = 1;

/** Every field that a filter asks for: without an index a filter reads all points, and strict mode refuses it. */
const INDEXES = {
  document_id: "keyword",
  version: "keyword",
  stored_at: "integer",
  topic_ids: "integer",
  metadata: "keyword",
} as const;

/**
 * Makes sure that the alias `name` leads to a collection that holds `content`. When there is none, `<name>_v1` is
 * created and the alias set; what an interrupted start left undone is done. A plain collection of that name will do.
 *
 * @throws QdrantError (`collection_mismatch`) when it holds another model's vectors, or was not made by this code.
 */
export async function prepareCollection(client: QdrantClient, name: string, content: CollectionContent): Promise<void> {
  const found = await infoOf(client, name);
  if (found) {
    check(name, found, content);
    return createIndexes(client, name, found.payload_schema);
  }
  const first = `${name}_v1`;
  await createCollection(client, first, content);
  await pointAlias(client, name, first);
}

/** A collection with its indexes; one that is there already is checked and completed. */
export async function createCollection(client: QdrantClient, name: string, content: CollectionContent): Promise<void> {
  const attempted = `creating the Qdrant collection "${name}"`;
  // Neither a second start at the same time nor an interrupted one is an error.
  if (!(await infoOf(client, name))) {
    await ask(
      attempted,
      // Not `client.createCollection`, which leaves out the metadata (1.18.0).
      client.api().createCollection({
        collection_name: name,
        vectors: { [DENSE]: { size: content.dimensions, distance: "Cosine" } },
        sparse_vectors: { [SPARSE]: { modifier: "idf" } },
        metadata: { model: content.model, layout: LAYOUT },
      }),
    ).catch((error: unknown) => {
      if (!(error instanceof QdrantError && error.status === 409)) throw error;
    });
  }
  const info = await infoOf(client, name);
  if (!info) throw new QdrantError(`${attempted} failed: it is not there afterwards`);
  check(name, info, content);
  await createIndexes(client, name, info.payload_schema);
}

/** From now on `alias` means `collection`: readers see the one or the other, never none. */
export async function pointAlias(client: QdrantClient, alias: string, collection: string): Promise<void> {
  const attempted = `pointing the Qdrant alias "${alias}" at "${collection}"`;
  const { aliases } = await ask(attempted, client.getAliases());
  const isTaken = aliases.some(({ alias_name }) => alias_name === alias);
  await ask(
    attempted,
    client.updateCollectionAliases({
      actions: [
        ...(isTaken ? [{ delete_alias: { alias_name: alias } }] : []),
        { create_alias: { alias_name: alias, collection_name: collection } },
      ],
    }),
  );
}

async function infoOf(client: QdrantClient, name: string): Promise<Schemas["CollectionInfo"] | undefined> {
  try {
    return await ask(`reading the Qdrant collection "${name}"`, client.getCollection(name));
  } catch (error) {
    if (error instanceof QdrantError && error.status === 404) return undefined;
    throw error;
  }
}

async function createIndexes(client: QdrantClient, name: string, present: object = {}): Promise<void> {
  for (const [field, schema] of Object.entries(INDEXES)) {
    if (field in present) continue;
    await ask(
      `indexing "${field}" of the Qdrant collection "${name}"`,
      client.createPayloadIndex(name, { field_name: field, field_schema: schema, wait: true }),
    );
  }
}

function check(name: string, { config }: Schemas["CollectionInfo"], { model, dimensions }: CollectionContent): void {
  const { vectors, sparse_vectors } = config?.params ?? {};
  const dense = vectors && DENSE in vectors && typeof vectors[DENSE] === "object" ? vectors[DENSE] : undefined;
  const { model: itsModel, layout } = (config?.metadata ?? {}) as { model?: unknown; layout?: unknown };
  const isOurs = dense?.distance === "Cosine" && sparse_vectors?.[SPARSE]?.modifier === "idf" && layout === LAYOUT;
  if (!isOurs || typeof itsModel !== "string") {
    throw mismatch(`the Qdrant collection "${name}" was made by another program or another version of this one`);
  }
  if (itsModel !== model || dense?.size !== dimensions) {
    throw mismatch(
      `the Qdrant collection "${name}" holds vectors of ${itsModel} with ${dense?.size} dimensions, ` +
        `and the configured model is ${model} with ${dimensions}`,
    );
  }
}

function mismatch(message: string): QdrantError {
  return new QdrantError(`${message}: set QDRANT_COLLECTION to another name, or build it anew`, {
    code: "collection_mismatch",
  });
}
