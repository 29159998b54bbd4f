import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSqliteCache } from "#providers/sqlite/cache.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import type { Embedder } from "#rag/ports.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** Everything a vector depends on except its text (the key) and the layout of the file: a change starts a new file. */
const SOURCES = [
  fileURLToPath(import.meta.resolve("#providers/embedded/use-embedder.ts")),
  fileURLToPath(import.meta.resolve("#providers/sqlite/schema.ts")),
  join(ROOT, "package-lock.json"),
];

/**
 * Puts a persistent cache in front of an embedder, stored beside the installed packages: embedding the documentation
 * takes 45 s of CPU, and little of it changes between two runs of the tests.
 */
export async function withKeptVectors(embedder: Embedder): Promise<{ embedder: Embedder; close(): void }> {
  const hash = createHash("sha256");
  for (const source of SOURCES) hash.update(readFileSync(source));
  const path = join(ROOT, "node_modules/.cache/edge-rag", `vectors-${hash.digest("hex").slice(0, 16)}.db`);
  const { model, dimensions } = embedder;
  const database = await openSqliteDatabase({ path, model, dimensions });
  return {
    embedder: createCachedEmbedder(embedder, createSqliteCache(database)),
    close: () => database.close(),
  };
}
