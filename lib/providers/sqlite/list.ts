import type { DatabaseSync } from "node:sqlite";
import type { ListedDocument, Listing, ListRequest } from "#rag/ports.ts";
import { type ChunkFilter, chunkFilter } from "./filter.ts";
import { statementCache } from "./statements.ts";

interface Row extends Pick<ListedDocument, "id" | "title" | "chunks"> {
  url: string | null;
  topics: string;
  updatedAt: number | null;
}

/** At or above all that may follow a prefix in an id of at most 512 characters: ids are compared by their UTF-8 bytes. */
const HIGHEST = "\u{10ffff}".repeat(512);

/** Selects documents that have chunks; the conditions on their ids come first. Its rows are for {@link listedDocument}. */
export function documentsWhere(condition: string, { subquery }: ChunkFilter): string {
  return `
    SELECT number, id, title, url, updated_at AS updatedAt,
           (SELECT count(*) FROM chunks WHERE document = documents.number) AS chunks,
           (SELECT json_group_array(topic) FROM topics WHERE document = documents.number) AS topics
    FROM documents
    WHERE ${condition}
      AND number IN (SELECT document FROM chunks WHERE position = 0${subquery ? ` AND number IN (${subquery})` : ""})`;
}

export function listedDocument(row: unknown): ListedDocument {
  const { id, title, url, topics, chunks, updatedAt } = row as Row;
  return {
    ...{ id, title, topicIds: JSON.parse(topics) as number[], chunks },
    ...(url !== null && { url }),
    ...(updatedAt !== null && { updatedAt }),
  };
}

/** Lists the documents that have chunks, by id; the cursor is the id of the last one. */
export function createSqliteList(database: DatabaseSync): (request: ListRequest) => Listing {
  const sql = statementCache(database);

  return ({ prefix = "", filter, cursor = "", limit }) => {
    const passing = chunkFilter(filter);
    const rows = sql(
      `${documentsWhere("id > ? AND id >= ? AND id <= ?", passing)}
       ORDER BY id LIMIT ?`,
    ).all(cursor, prefix, prefix + HIGHEST, ...passing.parameters, limit + 1);
    const documents = rows.slice(0, limit).map(listedDocument);
    const next = rows.length > limit ? documents.at(-1)?.id : undefined;
    return { documents, ...(next !== undefined && { next }) };
  };
}
