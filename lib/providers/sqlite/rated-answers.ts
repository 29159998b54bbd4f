import type { DatabaseSync } from "node:sqlite";
import { statementCache } from "./statements.ts";

/** Created when an answer is first rated, so that files from before there were ratings get it too. */
const TABLE = "CREATE TABLE IF NOT EXISTS rated (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID";

/**
 * Which answers were rated, in a file opened with `openSqliteDatabase`, for all processes that have it open. Those whose
 * time is up are deleted.
 *
 * @param now milliseconds since 1970
 */
export function createSqliteRatedAnswers(database: DatabaseSync, now: () => number = Date.now) {
  const sql = statementCache(database);
  let isReady = false;

  return {
    /** @param ttlMs milliseconds until it is forgotten */
    async add(id: string, ttlMs: number): Promise<boolean> {
      if (!isReady) database.exec(TABLE);
      isReady = true;
      sql("DELETE FROM rated WHERE until <= ?").run(now());
      const { changes } = sql("INSERT INTO rated (id, until) VALUES (?, ?) ON CONFLICT DO NOTHING").run(
        id,
        Math.ceil(now() + ttlMs),
      );
      return Number(changes) === 1;
    },
  };
}
