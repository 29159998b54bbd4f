import type { DatabaseSync } from "node:sqlite";
import type { MetadataValue, SearchFilter } from "#rag/ports.ts";
import { statementCache } from "./statements.ts";

export interface ChunkFilter {
  /** A subquery for the numbers of the chunks that match; `undefined` when all do. */
  subquery: string | undefined;
  parameters: (string | number)[];
}

/** A metadata entry as stored. JSON distinguishes "1", 1 and true. */
export function metadataEntry(key: string, value: MetadataValue): string {
  return JSON.stringify([key, value]);
}

/** The filter as SQL. An empty condition has no values to match, so it matches nothing. */
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
    // A document has one value per key, so every key matched if there are as many matching entries as keys.
    conditions.push(
      `document IN (SELECT document FROM metadata WHERE entry IN (SELECT value FROM json_each(?))
                    GROUP BY document HAVING count(*) = ?)`,
    );
    parameters.push(JSON.stringify(entries), keys.length);
  }
  const subquery = conditions.length > 0 ? `SELECT number FROM chunks WHERE ${conditions.join(" AND ")}` : undefined;
  return { subquery, parameters };
}

/** Returns a function that finds the numbers of the chunks that pass, in ascending order; `undefined` when all do. */
export function createPassing(database: DatabaseSync): (filter?: SearchFilter) => Int32Array | undefined {
  const sql = statementCache(database);
  return (filter) => {
    const { subquery, parameters } = chunkFilter(filter);
    if (subquery === undefined) return undefined;
    const row = sql(`SELECT json_group_array(number) AS numbers FROM (${subquery})`).get(...parameters);
    return new Int32Array(JSON.parse(String(row?.numbers)) as number[]).sort();
  };
}
