import type { MetadataValue, SearchFilter } from "#rag/ports.ts";

export interface ChunkFilter {
  /** A subquery for the numbers of the chunks that pass; `undefined` when all do. */
  subquery: string | undefined;
  parameters: (string | number)[];
}

/** A metadata value as the store keeps it. JSON keeps "1", 1 and true apart. */
export function metadataEntry(key: string, value: MetadataValue): string {
  return JSON.stringify([key, value]);
}

/** The filter as SQL. An empty condition has no value to be equal to, so nothing passes it. */
export function chunkFilter({ topicIds, metadata }: SearchFilter = {}): ChunkFilter {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  if (topicIds) {
    conditions.push("document IN (SELECT document FROM topics WHERE topic IN (SELECT value FROM json_each(?)))");
    parameters.push(JSON.stringify(topicIds));
  }
  if (metadata) {
    const keys = Object.entries(metadata);
    const entries = keys.flatMap(([key, values]) => values.map((value) => metadataEntry(key, value)));
    // A document has one value for a key: as many matching entries as keys means that every key matched.
    conditions.push(
      `document IN (SELECT document FROM metadata WHERE entry IN (SELECT value FROM json_each(?))
                    GROUP BY document HAVING count(*) = ?)`,
    );
    parameters.push(JSON.stringify(entries), keys.length);
  }
  const subquery = conditions.length > 0 ? `SELECT number FROM chunks WHERE ${conditions.join(" AND ")}` : undefined;
  return { subquery, parameters };
}
