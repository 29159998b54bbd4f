import type { Schemas } from "@qdrant/js-client-rest";
import type { Metadata, MetadataValue, SearchFilter } from "#rag/ports.ts";

type Condition = Schemas["FieldCondition"];

/**
 * The filter as conditions that must all hold; an empty list when it does not restrict. `undefined` when nothing can
 * match, so that no request is needed.
 */
export function conditionsOf({ topicIds, metadata }: SearchFilter = {}): Condition[] | undefined {
  const wanted: { key: string; any: (string | number)[] }[] = [];
  if (topicIds) wanted.push({ key: "topic_ids", any: storedTopics(topicIds) });
  if (metadata) {
    const keys = Object.entries(metadata);
    if (keys.length === 0) return undefined;
    for (const [key, values] of keys) {
      wanted.push({ key: "metadata", any: values.map((value) => metadataEntry(key, value)) });
    }
  }
  if (wanted.some(({ any }) => any.length === 0)) return undefined;
  return wanted.map(({ key, any }) => ({ key, match: { any: any as string[] | number[] } }));
}

/** A document's topics as stored in points. Qdrant only matches 64-bit integers. */
export function storedTopics(topicIds: readonly number[]): number[] {
  return [...new Set(topicIds.filter(Number.isSafeInteger))];
}

/** A document's metadata as stored in points: one keyword per entry, so that one payload index serves all keys. */
export function storedMetadata(metadata: Metadata): string[] {
  return Object.entries(metadata).map(([key, value]) => metadataEntry(key, value));
}

/** JSON distinguishes "1", 1 and true, and escapes a lone surrogate. */
function metadataEntry(key: string, value: MetadataValue): string {
  return JSON.stringify([key, value]);
}
