import type { QdrantClient } from "@qdrant/js-client-rest";
import type { Call } from "#rag/ports.ts";
import { ask, callApi, initOf } from "./client.ts";

/** From now on `alias` means `collection`: readers see the one or the other, never none. */
export async function pointAlias(client: QdrantClient, alias: string, collection: string, call?: Call): Promise<void> {
  const attempted = `pointing the Qdrant alias "${alias}" at "${collection}"`;
  const { aliases } = await callApi(attempted, client.api().getCollectionsAliases({}, initOf(call)));
  const isTaken = aliases.some(({ alias_name }) => alias_name === alias);
  await callApi(
    attempted,
    client.api().updateAliases(
      {
        actions: [
          ...(isTaken ? [{ delete_alias: { alias_name: alias } }] : []),
          { create_alias: { alias_name: alias, collection_name: collection } },
        ],
      },
      initOf(call),
    ),
  );
}

/** Each alias's collection. */
export async function readAliases(client: QdrantClient): Promise<Map<string, string>> {
  const { aliases } = await ask("reading the Qdrant aliases", client.getAliases());
  return new Map(aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
}

/** The numbers of the collections `<alias>_v<number>` that are there, ascending. */
export async function numbersOf(client: QdrantClient, alias: string): Promise<number[]> {
  const { collections } = await ask("listing the Qdrant collections", client.getCollections());
  return collections
    .map(({ name }) => numberIn(name, alias) ?? 0)
    .filter(Boolean)
    .toSorted((a, b) => a - b);
}

/** 2 of "docs_v2" for the alias "docs". */
export function numberIn(collection: string, alias: string): number | undefined {
  const digits = collection.startsWith(`${alias}_v`) ? collection.slice(alias.length + 2) : "";
  return /^[1-9]\d*$/.test(digits) ? Number(digits) : undefined;
}
