import type { DatabaseSync } from "node:sqlite";
import { SCHEMA_VERSION, VECTOR_TABLES } from "./schema.ts";
import { inTransaction } from "./statements.ts";
import { StoreError } from "./store-error.ts";
import { createVectorBlocks } from "./vector-blocks.ts";

/** The version of files whose vectors are in a table of the sqlite-vec extension. */
export const SCHEMA_WITH_SQLITE_VEC = 2;

const BATCH = 256;

export type SqliteVec = typeof import("sqlite-vec");

/** @throws Error when the package is missing: it reads the vectors of files of an earlier version */
export async function importSqliteVec(): Promise<SqliteVec> {
  try {
    const sqliteVec = await import("sqlite-vec");
    sqliteVec.getLoadablePath(); // throws when this platform's package is missing
    return sqliteVec;
  } catch (cause) {
    const missing = `"sqlite-vec" or its binary package for ${process.platform}-${process.arch}`;
    throw new Error(
      `The embedded store needs the npm package ${missing}, which is missing: run "npm install sqlite-vec".`,
      { cause },
    );
  }
}

export function loadSqliteVec(sqliteVec: SqliteVec, database: DatabaseSync): void {
  try {
    sqliteVec.load(database);
  } catch (cause) {
    throw new StoreError(
      `The embedded store could not load sqlite-vec for ${process.platform}-${process.arch}, which reads the vectors of ` +
        'a file of an earlier version: run "npm install sqlite-vec" on this machine.',
      { cause },
    );
  }
}

/** Moves the vectors of a file of {@link SCHEMA_WITH_SQLITE_VEC} to this version's tables, in one transaction. */
export function moveVectors(database: DatabaseSync, dimensions: number): void {
  inTransaction(database, "IMMEDIATE", () => {
    const version = database.prepare("PRAGMA user_version").get()?.user_version;
    if (version !== SCHEMA_WITH_SQLITE_VEC) return; // moved by another process meanwhile
    database.exec(VECTOR_TABLES);
    const blocks = createVectorBlocks(database, dimensions);
    const numbers: number[] = [];
    const vectors: Float32Array[] = [];
    const write = () => blocks.write(numbers.splice(0), vectors.splice(0));
    for (const { number, vector } of database.prepare("SELECT rowid AS number, vector FROM vectors").iterate()) {
      numbers.push(Number(number));
      vectors.push(new Float32Array((vector as Uint8Array).slice().buffer));
      if (numbers.length === BATCH) write();
    }
    write();
    database.exec(`DROP TABLE vectors; PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}
