import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { importSqliteVec, loadSqliteVec, moveVectors, SCHEMA_WITH_SQLITE_VEC } from "./migrate.ts";
import { SCHEMA, SCHEMA_VERSION, UPDATED_AT } from "./schema.ts";
import { inTransaction } from "./statements.ts";
import { StoreError, toStoreError } from "./store-error.ts";

export interface EmbeddingSpace {
  model: string;
  dimensions: number;
}

export interface SqliteOptions extends EmbeddingSpace {
  /** The file, created with its folders when missing; ":memory:" for none. */
  path: string;
  /** Maximum wait for another process's write, in milliseconds. */
  busyTimeoutMs?: number;
}

/** The file holds vectors of another model; vectors of different models cannot be compared. */
export class EmbeddingMismatchError extends StoreError {
  override readonly name = "EmbeddingMismatchError";
  readonly stored: EmbeddingSpace;
  readonly wanted: EmbeddingSpace;

  constructor(path: string, stored: EmbeddingSpace, wanted: EmbeddingSpace) {
    super(
      `${path} holds vectors of ${describe(stored)}, but ${describe(wanted)} is configured: ` +
        "delete the file and send the documents again (npm run dev reads the sample corpus by itself), " +
        "set RAG_DATA_DIR to another folder, or configure the previous model.",
    );
    this.stored = stored;
    this.wanted = wanted;
  }
}

const BUSY_TIMEOUT_MS = 10_000;

/**
 * Covers a whole file of about 50,000 chunks, and the first part of a larger one. The kernel also maps the pages around
 * one that is read, so the limit is reached in time; unlimited it would be 470 MB for 100,000 chunks, more than twice
 * the size of the vectors.
 */
const MAPPED_BYTES = 2 ** 28;

/**
 * Opens a store file and creates its tables when it is new; safe to call concurrently from any number of workers and
 * processes. The caller closes it. The vectors of a file of the version before are moved to this version's tables, which
 * takes about 10 s for 100,000 chunks; a process of that version then refuses the file.
 *
 * @throws EmbeddingMismatchError when the file was created with another embedding model
 * @throws StoreError when the file cannot be opened, or is not a store of this version
 * @throws Error when the sqlite-vec package is missing
 */
export async function openSqliteDatabase(options: SqliteOptions): Promise<DatabaseSync> {
  const { path, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  const sqliteVec = await importSqliteVec();
  const deadline = Date.now() + busyTimeoutMs;
  while (true) {
    const database = openFile(path, busyTimeoutMs);
    try {
      configure(database);
      if (schemaVersion(database) === SCHEMA_WITH_SQLITE_VEC) loadSqliteVec(sqliteVec, database);
      database.enableLoadExtension(false);
      prepareSchema(database, options);
      return database;
    } catch (error) {
      database.close();
      if (!isBusy(error) || Date.now() > deadline) throw toStoreError(error, path);
      await delay(5 + Math.random() * 20);
    }
  }
}

/** Opens a file, which is read only later. Creates its folders. */
function openFile(path: string, timeout: number): DatabaseSync {
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    return new DatabaseSync(path, { allowExtension: true, timeout });
  } catch (error) {
    throw toStoreError(error, path);
  }
}

function configure(database: DatabaseSync): void {
  // Switching to WAL does not wait for a lock (2 of 360 attempts on new files failed as busy): done only when needed, and
  // openSqliteDatabase retries.
  if (database.prepare("PRAGMA journal_mode").get()?.journal_mode === "delete") {
    database.exec("PRAGMA journal_mode = WAL");
  }
  // NORMAL: a killed process loses nothing; a power failure may lose the last transactions, but never a part of one.
  // Vectors are read from all over the file: with mmap they are not copied into SQLite's page cache.
  database.exec(`
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -65536;
    PRAGMA mmap_size = ${MAPPED_BYTES};
  `);
}

function prepareSchema(database: DatabaseSync, { path, model, dimensions }: SqliteOptions): void {
  if (schemaVersion(database) === 0) {
    inTransaction(database, "IMMEDIATE", () => {
      if (schemaVersion(database) !== 0) return; // created by another process meanwhile
      if (database.prepare("SELECT 1 FROM sqlite_master").get()) throw notAStore(path);
      database.exec(SCHEMA);
      const insert = database.prepare("INSERT INTO meta (name, value) VALUES (?, ?)");
      insert.run("embedding", JSON.stringify({ model, dimensions }));
    });
  }
  const version = schemaVersion(database);
  if (version !== SCHEMA_VERSION && version !== SCHEMA_WITH_SQLITE_VEC) {
    if (!database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'").get()) throw notAStore(path);
    throw new StoreError(
      `${path} was created by another version of this program (schema ${version}, expected ${SCHEMA_VERSION}): ` +
        "delete the file and send the documents again, or set RAG_DATA_DIR to another folder.",
    );
  }
  const stored = embeddingSpaceOf(database);
  if (stored.model !== model || stored.dimensions !== dimensions) {
    throw new EmbeddingMismatchError(path, stored, { model, dimensions });
  }
  if (!hasUpdatedAt(database)) {
    inTransaction(database, "IMMEDIATE", () => {
      if (!hasUpdatedAt(database)) database.exec(`ALTER TABLE documents ADD COLUMN ${UPDATED_AT}`);
    });
  }
  if (version === SCHEMA_WITH_SQLITE_VEC) moveVectors(database, dimensions);
}

/** What the vectors of an open store are. */
export function embeddingSpaceOf(database: DatabaseSync): EmbeddingSpace {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'embedding'").get();
  return JSON.parse(String(row?.value));
}

function hasUpdatedAt(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM pragma_table_info('documents') WHERE name = 'updated_at'").get() !== undefined;
}

function notAStore(path: string): StoreError {
  return new StoreError(
    `${path} is a database of another program: move it away, or set RAG_DATA_DIR to another folder.`,
  );
}

function schemaVersion(database: DatabaseSync): unknown {
  return database.prepare("PRAGMA user_version").get()?.user_version;
}

/** SQLITE_BUSY or one of its extended codes, which have it in the low byte. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}

function describe({ model, dimensions }: EmbeddingSpace): string {
  return `"${model}" (${dimensions} dimensions)`;
}
