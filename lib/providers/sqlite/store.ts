import type { DatabaseSync } from "node:sqlite";
import type { DocumentRecord, EmbeddedChunk, VectorStore } from "#rag/ports.ts";
import { embeddingSpaceOf } from "./database.ts";
import { metadataEntry } from "./filter.ts";
import { createSqliteGet } from "./get.ts";
import { createSqliteList } from "./list.ts";
import { createNearest } from "./nearest.ts";
import { createSqliteSearch, type Fusion } from "./search.ts";
import { inTransaction, statementCache } from "./statements.ts";
import { createVectorBlocks } from "./vector-blocks.ts";
import { searchableText } from "./words/words.ts";

/** The same as Qdrant's. Measured with all-MiniLM-L6-v2: docs/decisions/0005-embedded-retrieval.md. */
const FUSION: Fusion = { k: 1, dense: 1, lexical: 1 };

export interface SqliteStoreOptions {
  fusion?: Fusion;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * A store in one SQLite file opened with `openSqliteDatabase`: texts, BM25 index (FTS5), vectors, topics and
 * metadata. A lone surrogate in a text is returned as U+FFFD; NUL is preserved.
 */
export function createSqliteStore(
  database: DatabaseSync,
  { fusion = FUSION, now = Date.now }: SqliteStoreOptions = {},
): VectorStore {
  const sql = statementCache(database);
  const list = createSqliteList(database);
  const get = createSqliteGet(database);
  const { dimensions } = embeddingSpaceOf(database);
  const vectors = createVectorBlocks(database, dimensions);
  const search = createSqliteSearch(database, fusion, createNearest(database, dimensions));

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
    const chunks = sql("SELECT number FROM chunks WHERE document = ?").all(document.number);
    if (chunks.length > 0) vectors.remove(chunks.map(({ number }) => Number(number)));
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
    if (chunks.length === 0) return;
    const numbers = vectors.freeNumbers(chunks.length);
    vectors.write(
      numbers,
      chunks.map(({ vector }) => vector),
    );
    const titleWords = searchableText(title);
    for (const [index, chunk] of chunks.entries()) {
      const rowid = numbers[index] ?? null;
      const row = sql("INSERT INTO chunks (number, document, position, id, heading, text) VALUES (?, ?, ?, ?, ?, ?)");
      row.run(rowid, number, chunk.position, chunk.id, chunk.heading, chunk.text);
      const words = sql("INSERT INTO words (rowid, title, heading, text) VALUES (?, ?, ?, ?)");
      words.run(rowid, titleWords, searchableText(chunk.heading), searchableText(chunk.text));
    }
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
        remove(document.id);
        insert(document, chunks);
      });
    },

    async remove(documentId) {
      return inTransaction(database, "IMMEDIATE", () => remove(documentId));
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
