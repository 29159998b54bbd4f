import type { DatabaseSync } from "node:sqlite";
import type { DocumentRequest, Metadata, StoredChunk, StoredDocument } from "#rag/ports.ts";
import { chunkFilter } from "./filter.ts";
import { documentsWhere, listedDocument } from "./list.ts";
import { inTransaction, statementCache } from "./statements.ts";

/** Reads a document that has chunks and passes the filter, with some of its chunks. */
export function createSqliteGet(
  database: DatabaseSync,
): (documentId: string, request: DocumentRequest) => StoredDocument | undefined {
  const sql = statementCache(database);

  function metadataOf(document: number): Metadata {
    const rows = sql("SELECT entry FROM metadata WHERE document = ?").all(document);
    return Object.fromEntries(rows.map(({ entry }) => JSON.parse(String(entry))));
  }

  return (documentId, { filter, from = 0, limit }) => {
    const passing = chunkFilter(filter);
    // One snapshot for all statements: the document is not replaced between them.
    return inTransaction(database, "DEFERRED", () => {
      const row = sql(documentsWhere("id = ?", passing)).get(documentId, ...passing.parameters);
      if (!row) return undefined;
      const number = Number(row.number);
      const content = sql(
        "SELECT id, position, heading, text FROM chunks WHERE document = ? AND position >= ? ORDER BY position LIMIT ?",
      ).all(number, from, limit) as unknown as StoredChunk[];
      return { ...listedDocument(row), metadata: metadataOf(number), content: content.map((chunk) => ({ ...chunk })) };
    });
  };
}
