import type { QdrantClient } from "@qdrant/js-client-rest";
import type { Call } from "#rag/ports.ts";
import { attempt, callApi, initOf } from "./client.ts";

/** Points `alias` at `collection`, atomically: readers always see one collection or the other. */
export async function pointAlias(client: QdrantClient, alias: string, collection: string, call?: Call): Promise<void> {
  const attempted = `pointing the Qdrant alias "${alias}" at "${collection}"`;
  const { aliases } = await callApi(attempted, client.api().getCollectionsAliases({}, initOf(call)));
  const exists = aliases.some(({ alias_name }) => alias_name === alias);
  await callApi(
    attempted,
    client.api().updateAliases(
      {
        actions: [
          ...(exists ? [{ delete_alias: { alias_name: alias } }] : []),
          { create_alias: { alias_name: alias, collection_name: collection } },
        ],
      },
      initOf(call),
    ),
  );
}

/** The collection of each alias. */
export async function readAliases(client: QdrantClient): Promise<Map<string, string>> {
  const { aliases } = await attempt("reading the Qdrant aliases", client.getAliases());
  return new Map(aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
}

/** The numbers of the existing collections `<alias>_v<number>`, ascending. */
export async function collectionNumbersOf(client: QdrantClient, alias: string): Promise<number[]> {
  const { collections } = await attempt("listing the Qdrant collections", client.getCollections());
  return collections
    .map(({ name }) => collectionNumberOf(name, alias) ?? 0)
    .filter(Boolean)
    .toSorted((a, b) => a - b);
}

/** 2 of "docs_v2" for the alias "docs". */
export function collectionNumberOf(collection: string, alias: string): number | undefined {
  const digits = collection.startsWith(`${alias}_v`) ? collection.slice(alias.length + 2) : "";
  return /^[1-9]\d*$/.test(digits) ? Number(digits) : undefined;
}
