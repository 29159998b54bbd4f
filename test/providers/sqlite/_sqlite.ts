import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished } from "vitest";
import { openSqliteDatabase, type SqliteOptions } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import type { DocumentRecord, EmbeddedChunk, VectorStore } from "#rag/ports.ts";
import { hashVector } from "../_hash-embedder.ts";

/** A folder that is deleted when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

export async function openForTest(options: Partial<SqliteOptions> = {}): Promise<DatabaseSync> {
  const database = await openSqliteDatabase({ path: ":memory:", model: "hash", dimensions: 32, ...options });
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

export async function newStore(): Promise<{ database: DatabaseSync; store: VectorStore }> {
  const database = await openForTest();
  return { database, store: createSqliteStore(database) };
}

/** A document and its chunks, one for each text. */
export function documentOf(
  id: string,
  texts: readonly string[],
  fields: Partial<DocumentRecord> & { heading?: string } = {},
): [DocumentRecord, EmbeddedChunk[]] {
  const { heading = "", ...record } = fields;
  const chunks = texts.map((text, position) => ({
    id: `${id}#${position}`,
    position,
    heading,
    text,
    vector: hashVector(text),
  }));
  return [{ id, title: id, topicIds: [], metadata: {}, version: `v${texts.length}`, ...record }, chunks];
}

/** Expects that chunks, words and vectors match, and that no row belongs to a deleted document. */
export function expectConsistent(database: DatabaseSync): void {
  const numbers = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => row.n);
  const chunks = numbers("SELECT number AS n FROM chunks ORDER BY 1");
  expect(numbers("SELECT rowid AS n FROM words ORDER BY 1")).toEqual(chunks);
  expect(numbers("SELECT rowid AS n FROM vectors").toSorted((a, b) => Number(a) - Number(b))).toEqual(chunks);
  expect(numbers("SELECT count(*) AS n FROM vectors_rowids")).toEqual([chunks.length]);
  for (const table of ["chunks", "topics", "metadata"]) {
    expect(
      numbers(`SELECT document AS n FROM ${table} WHERE document NOT IN (SELECT number FROM documents)`),
      table,
    ).toEqual([]);
  }
  expect(numbers("SELECT integrity_check AS n FROM pragma_integrity_check")).toEqual(["ok"]);
  database.exec("INSERT INTO words (words) VALUES ('integrity-check')");
}
