import type { Schemas } from "@qdrant/js-client-rest";
import type { Metadata, MetadataValue, SearchFilter } from "#rag/ports.ts";

type Condition = Schemas["FieldCondition"];

/**
 * The filter as conditions that must all hold; none when it does not restrict. `undefined` when nothing can pass: an
 * empty condition is not even sent.
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

/** A document's topics as points carry them. Qdrant matches 64-bit integers only. */
export function storedTopics(topicIds: readonly number[]): number[] {
  return [...new Set(topicIds.filter(Number.isSafeInteger))];
}

/** A document's metadata as points carry it: one keyword per entry, so that one payload index serves every key. */
export function storedMetadata(metadata: Metadata): string[] {
  return Object.entries(metadata).map(([key, value]) => metadataEntry(key, value));
}

/** JSON keeps "1", 1 and true apart, and a lone surrogate is an escape. */
function metadataEntry(key: string, value: MetadataValue): string {
  return JSON.stringify([key, value]);
}
