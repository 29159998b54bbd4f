import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished } from "vitest";
import { embeddingSpaceOf, openSqliteDatabase, type SqliteOptions } from "#providers/sqlite/database.ts";
import { codeLength, signCode } from "#providers/sqlite/sign-codes.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { CODES_PER_BLOCK, isUsed, VECTORS_PER_BLOCK } from "#providers/sqlite/vector-blocks.ts";
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

/** Expects a vector and its code for each chunk, no others, and no empty block. */
function expectVectors(database: DatabaseSync, chunks: readonly unknown[]): void {
  const { dimensions } = embeddingSpaceOf(database);
  const length = codeLength(dimensions);
  const found: number[] = [];
  for (const { block, used, mask, codes } of database.prepare("SELECT * FROM code_blocks ORDER BY block").all()) {
    const places = Array.from({ length: CODES_PER_BLOCK }, (_, place) => place).filter((place) =>
      isUsed(mask as Uint8Array, place),
    );
    expect(places).toHaveLength(Number(used));
    for (const place of places) {
      const number = Number(block) * CODES_PER_BLOCK + place;
      found.push(number);
      const vector = storedVector(database, number, dimensions);
      expect((codes as Uint8Array).slice(place * length, (place + 1) * length)).toEqual(signCode(vector));
    }
  }
  expect(found).toEqual(chunks);
  const blocks = new Set(found.map((number) => Math.floor(number / VECTORS_PER_BLOCK)));
  const stored = database.prepare("SELECT block FROM vector_blocks ORDER BY block").all();
  expect(stored.map(({ block }) => block)).toEqual([...blocks]);
}

function storedVector(database: DatabaseSync, number: number, dimensions: number): Float32Array {
  const statement = database.prepare("SELECT vectors FROM vector_blocks WHERE block = ?");
  const row = statement.get(Math.floor(number / VECTORS_PER_BLOCK)) as { vectors: Uint8Array<ArrayBuffer> };
  return new Float32Array(row.vectors.buffer, (number % VECTORS_PER_BLOCK) * dimensions * 4, dimensions);
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
  expectVectors(database, chunks);
  for (const table of ["chunks", "topics", "metadata"]) {
    expect(
      numbers(`SELECT document AS n FROM ${table} WHERE document NOT IN (SELECT number FROM documents)`),
      table,
    ).toEqual([]);
  }
  expect(numbers("SELECT integrity_check AS n FROM pragma_integrity_check")).toEqual(["ok"]);
  database.exec("INSERT INTO words (words) VALUES ('integrity-check')");
}
