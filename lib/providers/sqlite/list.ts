import type { DatabaseSync } from "node:sqlite";
import type { ListedDocument, Listing, ListRequest } from "#rag/ports.ts";
import { statementCache } from "./database.ts";
import { chunkFilter } from "./filter.ts";

interface Row extends Omit<ListedDocument, "url" | "topicIds"> {
  url: string | null;
  topics: string;
}

/** At or above all that may follow a prefix in an id of at most 512 characters: ids are compared by their UTF-8 bytes. */
const HIGHEST = "\u{10ffff}".repeat(512);

/** Lists the documents that have chunks, by id; the cursor is the id of the last one. */
export function createSqliteList(database: DatabaseSync): (request: ListRequest) => Listing {
  const sql = statementCache(database);

  return ({ prefix = "", filter, cursor = "", limit }) => {
    const { subquery, parameters } = chunkFilter(filter);
    const rows = sql(
      `SELECT id, title, url, (SELECT count(*) FROM chunks WHERE document = documents.number) AS chunks,
              (SELECT json_group_array(topic) FROM topics WHERE document = documents.number) AS topics
       FROM documents
       WHERE id > ? AND id >= ? AND id <= ?
         AND number IN (SELECT document FROM chunks WHERE position = 0${subquery ? ` AND number IN (${subquery})` : ""})
       ORDER BY id LIMIT ?`,
    ).all(cursor, prefix, prefix + HIGHEST, ...parameters, limit + 1) as unknown as Row[];
    const documents = rows.slice(0, limit).map(
      ({ id, title, url, chunks, topics }): ListedDocument => ({
        ...{ id, title, topicIds: JSON.parse(topics) as number[], chunks },
        ...(url !== null && { url }),
      }),
    );
    const next = rows.length > limit ? documents.at(-1)?.id : undefined;
    return { documents, ...(next !== undefined && { next }) };
  };
}
