import type { QdrantClient } from "@qdrant/js-client-rest";
import { numberIn, numbersOf, readAliases } from "#providers/qdrant/alias.ts";
import { ask } from "#providers/qdrant/client.ts";
import { type CollectionContent, contentOf, infoOf, isSame } from "#providers/qdrant/collection.ts";
import { QdrantError } from "#providers/qdrant/error.ts";

export interface PlanOptions {
  client: QdrantClient;
  /** The alias that is to lead to the new collection. */
  alias: string;
  /** A collection to read in the alias's stead, when there is no such alias yet. */
  from?: string;
  /** Whose vectors the new collection is to hold. */
  embedder: CollectionContent;
}

export interface ReindexPlan {
  source: string;
  /** What the source holds; absent when another version of this program made it. */
  content?: CollectionContent;
  /** Absent when the source holds what is wanted, and nothing is to be done. */
  target?: string;
  /** The target is there already: of a run that was interrupted. */
  resumed: boolean;
}

/**
 * What is to be read, and the first `<alias>_v<number>` after it that is free or was begun for the same model.
 *
 * @throws QdrantError that says what to do when there is nothing to read from
 */
export async function planReindex({ client, alias, from, embedder }: PlanOptions): Promise<ReindexPlan> {
  const aliases = await readAliases(client);
  const source = sourceOf(aliases, alias, from) ?? alias;
  const info = await infoOf(client, source);
  if (!info) {
    throw new QdrantError(
      from === undefined
        ? `there is no Qdrant alias "${alias}", so there is nothing to build from: nothing was ingested yet, or ` +
            "QDRANT_COLLECTION or QDRANT_URL name another place"
        : `there is no Qdrant collection "${from}"`,
    );
  }
  if (from === undefined && !aliases.has(alias)) {
    throw new QdrantError(
      `"${alias}" is a Qdrant collection and no alias, and a collection cannot be switched: choose a new name for the ` +
        `alias, run QDRANT_COLLECTION=NEW_NAME npm run reindex -- --from ${alias}, and set the functions to it`,
    );
  }
  const content = contentOf(info);
  const plan = { source, ...(content && { content }), resumed: false };
  if (from === undefined && isSame(content, embedder)) return plan;
  let number = (numberIn(source, alias) ?? (await numbersOf(client, alias)).at(-1) ?? 0) + 1;
  for (; ; number++) {
    const target = `${alias}_v${number}`;
    const there = await infoOf(client, target);
    if (!there) return { ...plan, target };
    // One of another model stays: who knows whose it is.
    if (isSame(contentOf(there), embedder)) return { ...plan, target, resumed: true };
  }
}

function sourceOf(aliases: ReadonlyMap<string, string>, alias: string, from: string | undefined): string | undefined {
  const current = aliases.get(alias);
  if (from === undefined) return current;
  if (current === undefined) return aliases.get(from) ?? from;
  throw new QdrantError(
    `the Qdrant alias "${alias}" leads to "${current}" already: leave out --from to build from that`,
  );
}

/** Removes the collections `<alias>_v<number>` that no alias leads to; their names. */
export async function deleteUnused(client: QdrantClient, alias: string): Promise<string[]> {
  const inUse = new Set((await readAliases(client)).values());
  const unused = (await numbersOf(client, alias)).map((n) => `${alias}_v${n}`).filter((name) => !inUse.has(name));
  for (const name of unused) await ask(`deleting the Qdrant collection "${name}"`, client.deleteCollection(name));
  return unused;
}
