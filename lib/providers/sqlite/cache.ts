import type { DatabaseSync } from "node:sqlite";
import type { EmbeddingCache } from "#rag/ports.ts";
import { inTransaction, statementCache } from "./statements.ts";

/** About 50 MB at 512 dimensions. */
const MAX_ENTRIES = 20_000;

/**
 * An embedding cache in a file opened with `openSqliteDatabase`. Holds at most `maxEntries`: each new key evicts the
 * oldest one.
 */
export function createSqliteCache(database: DatabaseSync, maxEntries = MAX_ENTRIES): EmbeddingCache {
  const sql = statementCache(database);

  return {
    async getMany(keys) {
      return keys.map((key) => {
        const vector = sql("SELECT vector FROM embeddings WHERE key = ?").get(key)?.vector;
        return vector instanceof Uint8Array ? toFloats(vector) : undefined;
      });
    },

    async setMany(entries) {
      inTransaction(database, "IMMEDIATE", () => {
        for (const [key, vector] of entries) {
          sql(
            `INSERT INTO embeddings (key, vector) VALUES (?, ?)
             ON CONFLICT (key) DO UPDATE SET vector = excluded.vector`,
          ).run(key, vector);
        }
        // A key's age never changes and new ages exceed the greatest one, so this leaves at most `maxEntries`.
        sql("DELETE FROM embeddings WHERE age <= (SELECT max(age) FROM embeddings) - ?").run(maxEntries);
      });
    },
  };
}

function toFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer, 0, Math.floor(bytes.byteLength / Float32Array.BYTES_PER_ELEMENT));
}
