import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Runs `work` in one transaction; rolls back when it throws. */
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

/** Caches prepared statements by their SQL text. */
export function statementCache(database: DatabaseSync): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
}

/**
 * Returns a function that reads something of the chunks, and again only when they have changed since. To be called in a
 * transaction: what is kept must be of the same snapshot as the rest.
 */
export function whileUnchanged<T>(database: DatabaseSync, read: () => T): () => T {
  const sql = statementCache(database);
  let kept: { changes: string; value: T } | undefined;
  return () => {
    const changes = String(sql("SELECT value FROM meta WHERE name = 'vectors'").get()?.value);
    if (kept?.changes !== changes) kept = { changes, value: read() };
    return kept.value;
  };
}
