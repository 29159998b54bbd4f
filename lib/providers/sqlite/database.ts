import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { SCHEMA_VERSION, schema } from "./schema.ts";

export interface EmbeddingSpace {
  model: string;
  dimensions: number;
}

export interface SqliteOptions extends EmbeddingSpace {
  /** The file, made with its folders when it is not there; ":memory:" for none. */
  path: string;
}

/** The file holds vectors of another model: distances between the two would mean nothing. */
export class EmbeddingMismatchError extends Error {
  override readonly name = "EmbeddingMismatchError";
  readonly stored: EmbeddingSpace;
  readonly wanted: EmbeddingSpace;

  constructor(path: string, stored: EmbeddingSpace, wanted: EmbeddingSpace) {
    super(
      `${path} holds vectors of ${describe(stored)}, but ${describe(wanted)} is set: ` +
        "delete the file and send the documents again, or set the model back.",
    );
    this.stored = stored;
    this.wanted = wanted;
  }
}

/** Longest wait for another process's write, in milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * All of a file of some 50,000 chunks, and the first part of a longer one. The kernel maps what lies beside a page that
 * is read, so that in time all that may be mapped is: at 100,000 chunks 470 MB, more than twice the vectors.
 */
const MAPPED_BYTES = 2 ** 28;

/**
 * Opens a store file, making its tables when it is new; any number of workers and processes may do so at once.
 * The caller closes it.
 *
 * @throws EmbeddingMismatchError when the file was made with another embedding model.
 * @throws Error when the sqlite-vec package is missing, or the file is not a store of this version.
 */
export async function openSqliteDatabase(options: SqliteOptions): Promise<DatabaseSync> {
  const sqliteVec = await loadSqliteVec();
  if (options.path !== ":memory:") mkdirSync(dirname(options.path), { recursive: true });
  const giveUpAt = Date.now() + BUSY_TIMEOUT_MS;
  while (true) {
    const database = new DatabaseSync(options.path, { allowExtension: true, timeout: BUSY_TIMEOUT_MS });
    try {
      sqliteVec.load(database);
      database.enableLoadExtension(false);
      configure(database);
      prepareSchema(database, options);
      return database;
    } catch (error) {
      database.close();
      if (!isBusy(error) || Date.now() > giveUpAt) throw error;
      await delay(5 + Math.random() * 20);
    }
  }
}

/** Runs `work` in one transaction: all of it is kept, or, when it throws, nothing. */
export function inTransaction<T>(database: DatabaseSync, mode: "DEFERRED" | "IMMEDIATE", work: () => T): T {
  database.exec(`BEGIN ${mode}`);
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Prepares each SQL text once. */
export function statementCache(database: DatabaseSync): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
}

async function loadSqliteVec(): Promise<typeof import("sqlite-vec")> {
  try {
    const sqliteVec = await import("sqlite-vec");
    sqliteVec.getLoadablePath(); // throws when the package of this platform is missing
    return sqliteVec;
  } catch (cause) {
    const missing = `"sqlite-vec" or its part for ${process.platform}-${process.arch}`;
    throw new Error(
      `The embedded store needs the npm package ${missing}, which is missing: run "npm install sqlite-vec".`,
      { cause },
    );
  }
}

function configure(database: DatabaseSync): void {
  // The switch to WAL does not wait for a lock (2 of 360 openings of fresh files were refused): only where it is needed,
  // and openSqliteDatabase tries again.
  if (database.prepare("PRAGMA journal_mode").get()?.journal_mode === "delete") {
    database.exec("PRAGMA journal_mode = WAL");
  }
  // NORMAL: a killed process loses nothing; a power cut may lose the last transactions, never half of one.
  // A vector scan reads half of the file: mapped, it needs no copy into SQLite's own page cache (8.7 → 6.8 ms).
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
      if (schemaVersion(database) !== 0) return; // another process was faster
      database.exec(schema(dimensions));
      const insert = database.prepare("INSERT INTO meta (name, value) VALUES (?, ?)");
      insert.run("embedding", JSON.stringify({ model, dimensions }));
    });
  }
  const version = schemaVersion(database);
  if (version !== SCHEMA_VERSION) {
    throw new Error(
      `${path} was made by another version of this program (tables ${version}, needed ${SCHEMA_VERSION}): ` +
        "delete the file and send the documents again.",
    );
  }
  const row = database.prepare("SELECT value FROM meta WHERE name = 'embedding'").get();
  const stored: EmbeddingSpace = JSON.parse(String(row?.value));
  if (stored.model !== model || stored.dimensions !== dimensions) {
    throw new EmbeddingMismatchError(path, stored, { model, dimensions });
  }
}

function schemaVersion(database: DatabaseSync): unknown {
  return database.prepare("PRAGMA user_version").get()?.user_version;
}

/** SQLITE_BUSY and its extended codes, which have it in their low byte. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}

function describe({ model, dimensions }: EmbeddingSpace): string {
  return `"${model}" (${dimensions} dimensions)`;
}
