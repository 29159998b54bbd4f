import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSqliteCache } from "#providers/sqlite/cache.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import type { Embedder } from "#rag/ports.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SOURCES = [
  "#providers/embedded/minilm/encoder.ts", // has the hash of the model
  "#providers/sqlite/schema.ts",
];
const PACKAGES = /^node_modules\/(onnxruntime-web|@huggingface\/tokenizers|@lat\.md\/.*)$/;

/** Everything a vector depends on except its text (the key), and the layout of the file: a change starts a new file. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const source of SOURCES) hash.update(readFileSync(fileURLToPath(import.meta.resolve(source))));
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  for (const [path, installed] of Object.entries(packages)) {
    if (PACKAGES.test(path)) hash.update(JSON.stringify([path, installed]));
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * Wraps an embedder with a persistent cache, stored next to the installed packages: embedding the documentation
 * takes 45 s of CPU, and little of it changes between two runs of the tests.
 */
export async function withCachedVectors(embedder: Embedder): Promise<{ embedder: Embedder; close(): void }> {
  const path = join(ROOT, "node_modules/.cache/edge-rag", `vectors-${fingerprint()}.db`);
  const { model, dimensions } = embedder;
  const database = await openSqliteDatabase({ path, model, dimensions });
  return {
    embedder: createCachedEmbedder(embedder, createSqliteCache(database)),
    close: () => database.close(),
  };
}
