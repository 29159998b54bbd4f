import type { DatabaseSync } from "node:sqlite";
import type { DocumentRecord, EmbeddedChunk, VectorStore } from "#rag/ports.ts";
import { inTransaction, statementCache } from "./database.ts";
import { metadataEntry } from "./filter.ts";
import { createSqliteGet } from "./get.ts";
import { createSqliteList } from "./list.ts";
import { VECTORS_PER_BLOCK } from "./schema.ts";
import { createSqliteSearch, type Fusion } from "./search.ts";
import { searchableText } from "./words.ts";

/** The same as Qdrant's. Measured with all-MiniLM-L6-v2: docs/decisions/0005-embedded-retrieval.md. */
const FUSION: Fusion = { k: 1, dense: 1, lexical: 1 };

export interface SqliteStoreOptions {
  fusion?: Fusion;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * A store in one SQLite file opened with `openSqliteDatabase`: texts, BM25 index (FTS5), vectors (sqlite-vec), topics
 * and metadata. A lone surrogate in a text is returned as U+FFFD; NUL is preserved.
 */
export function createSqliteStore(
  database: DatabaseSync,
  { fusion = FUSION, now = Date.now }: SqliteStoreOptions = {},
): VectorStore {
  const sql = statementCache(database);
  const list = createSqliteList(database);
  const get = createSqliteGet(database);
  const search = createSqliteSearch(database, fusion);

  function stored(documentId: string): { number: number; version: string; chunks: number } | undefined {
    return sql(
      `SELECT number, version, (SELECT count(*) FROM chunks WHERE document = documents.number) AS chunks
       FROM documents WHERE id = ?`,
    ).get(documentId) as ReturnType<typeof stored>;
  }

  function remove(documentId: string): number | undefined {
    const document = stored(documentId);
    if (!document) return undefined;
    sql("DELETE FROM words WHERE rowid IN (SELECT number FROM chunks WHERE document = ?)").run(document.number);
    sql("DELETE FROM vectors WHERE rowid IN (SELECT number FROM chunks WHERE document = ?)").run(document.number);
    sql("DELETE FROM documents WHERE number = ?").run(document.number); // cascades to the other tables
    return document.chunks;
  }

  function insert({ id, title, url, topicIds, metadata, version }: DocumentRecord, chunks: readonly EmbeddedChunk[]) {
    const document = sql("INSERT INTO documents (id, title, url, version, updated_at) VALUES (?, ?, ?, ?, ?)");
    const { lastInsertRowid: number } = document.run(id, title, url ?? null, version, now());
    for (const topic of new Set(topicIds)) {
      sql("INSERT INTO topics (topic, document) VALUES (?, ?)").run(topic, number);
    }
    for (const [key, value] of Object.entries(metadata)) {
      sql("INSERT INTO metadata (entry, document) VALUES (?, ?)").run(metadataEntry(key, value), number);
    }
    const titleWords = searchableText(title);
    for (const chunk of chunks) {
      const row = sql("INSERT INTO chunks (document, position, id, heading, text) VALUES (?, ?, ?, ?, ?)");
      const rowid = BigInt(row.run(number, chunk.position, chunk.id, chunk.heading, chunk.text).lastInsertRowid);
      const words = sql("INSERT INTO words (rowid, title, heading, text) VALUES (?, ?, ?, ?)");
      words.run(rowid, titleWords, searchableText(chunk.heading), searchableText(chunk.text));
      sql("INSERT INTO vectors (rowid, vector) VALUES (?, ?)").run(rowid, chunk.vector);
    }
  }

  /**
   * Rewrites the vectors when a third of their blocks is unused. sqlite-vec only fills its newest block and only frees
   * empty ones, so random updates fragment them: after 6 × 10,000 updates the file was 6.4 × as large and a search 3 × as
   * slow.
   */
  function compactVectors(): void {
    const { blocks, chunks } = sql(
      "SELECT (SELECT count(*) FROM vectors_chunks) AS blocks, (SELECT count(*) FROM chunks) AS chunks",
    ).get() as { blocks: number; chunks: number };
    if (blocks * VECTORS_PER_BLOCK <= chunks * 1.5 + 2 * VECTORS_PER_BLOCK) return;
    database.exec(`
      CREATE TEMP TABLE moved AS SELECT rowid AS number, vector FROM vectors;
      DELETE FROM vectors;
      INSERT INTO vectors (rowid, vector) SELECT number, vector FROM moved;
      DROP TABLE moved;
    `);
  }

  return {
    system: "sqlite",
    collection: "chunks",

    async versions(documentIds) {
      const found = new Map<string, { version: string; chunks: number }>();
      for (const id of documentIds) {
        const document = stored(id);
        if (document) found.set(id, { version: document.version, chunks: document.chunks });
      }
      return found;
    },

    async replace(document, chunks) {
      inTransaction(database, "IMMEDIATE", () => {
        const removed = remove(document.id);
        insert(document, chunks);
        if (removed !== undefined) compactVectors();
      });
    },

    async remove(documentId) {
      return inTransaction(database, "IMMEDIATE", () => {
        const removed = remove(documentId);
        if (removed !== undefined) compactVectors();
        return removed;
      });
    },

    async list(request) {
      return list(request);
    },

    async get(documentId, request) {
      return get(documentId, request);
    },

    async search(request) {
      return search(request);
    },

    async ping() {
      sql("SELECT 1 FROM documents LIMIT 1").get();
    },
  };
}
