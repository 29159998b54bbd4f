import type { QdrantClient } from "@qdrant/js-client-rest";
import { collectionNumberOf, collectionNumbersOf, readAliases } from "#providers/qdrant/alias.ts";
import { attempt } from "#providers/qdrant/client.ts";
import { type CollectionContent, contentOf, infoOf, isSame } from "#providers/qdrant/collection.ts";
import { QdrantError } from "#providers/qdrant/error.ts";

export interface PlanOptions {
  client: QdrantClient;
  /** The alias to switch to the new collection. */
  alias: string;
  /** Source collection, when the alias does not exist yet. */
  from?: string;
  /** The embedding model of the new collection. */
  embedder: CollectionContent;
}

export interface ReindexPlan {
  source: string;
  /** The source's content; absent when another version of this program created it. */
  content?: CollectionContent;
  /** Absent when the source already has the requested content and there is nothing to do. */
  target?: string;
  /** The target already exists, from an interrupted run. */
  resumed: boolean;
}

/**
 * Chooses the source, and as the target the first `<alias>_v<number>` after it that is free or was begun for the same
 * model.
 *
 * @throws QdrantError that says what to do when there is no usable source
 */
export async function planReindex({ client, alias, from, embedder }: PlanOptions): Promise<ReindexPlan> {
  const aliases = await readAliases(client);
  const source = sourceOf(aliases, alias, from) ?? alias;
  const info = await infoOf(client, source);
  if (!info) {
    throw new QdrantError(
      from === undefined
        ? `there is no Qdrant alias "${alias}", so there is no source: nothing was ingested yet, or QDRANT_COLLECTION or ` +
            "QDRANT_URL is wrong"
        : `there is no Qdrant collection "${from}"`,
    );
  }
  if (from === undefined && !aliases.has(alias)) {
    throw new QdrantError(
      `"${alias}" is a Qdrant collection, not an alias, and only an alias can be switched: choose a new name for the ` +
        `alias, run QDRANT_COLLECTION=NEW_NAME npm run reindex -- --from ${alias}, and configure the functions with it`,
    );
  }
  const content = contentOf(info);
  const plan = { source, ...(content && { content }), resumed: false };
  if (from === undefined && isSame(content, embedder)) return plan;
  let number = (collectionNumberOf(source, alias) ?? (await collectionNumbersOf(client, alias)).at(-1) ?? 0) + 1;
  for (; ; number++) {
    const target = `${alias}_v${number}`;
    const existing = await infoOf(client, target);
    if (!existing) return { ...plan, target };
    // A collection of another model is left alone: it may still be needed.
    if (isSame(contentOf(existing), embedder)) return { ...plan, target, resumed: true };
  }
}

function sourceOf(aliases: ReadonlyMap<string, string>, alias: string, from: string | undefined): string | undefined {
  const current = aliases.get(alias);
  if (from === undefined) return current;
  if (current === undefined) return aliases.get(from) ?? from;
  throw new QdrantError(`the Qdrant alias "${alias}" already points to "${current}": omit --from to reindex from that`);
}

/** Deletes the collections `<alias>_v<number>` that no alias points to; returns their names. */
export async function deleteUnused(client: QdrantClient, alias: string): Promise<string[]> {
  const inUse = new Set((await readAliases(client)).values());
  const unused = (await collectionNumbersOf(client, alias))
    .map((n) => `${alias}_v${n}`)
    .filter((name) => !inUse.has(name));
  for (const name of unused) await attempt(`deleting the Qdrant collection "${name}"`, client.deleteCollection(name));
  return unused;
}
