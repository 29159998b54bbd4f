import { join } from "node:path";
import type { HealthCheck } from "#http/health.ts";
import { createCachedEmbedder } from "#providers/cached-embedder.ts";
import { createExtractiveGenerator } from "#providers/extractive-generator.ts";
import { createLexicalReranker } from "#providers/lexical-reranker.ts";
import { createSharedEmbedder } from "#providers/shared-embedder.ts";
import { createSqliteCache } from "#providers/sqlite-cache.ts";
import { openSqliteDatabase } from "#providers/sqlite-database.ts";
import { createSqliteStore } from "#providers/sqlite-store.ts";
import { countTokens } from "#providers/token-counter.ts";
import { createUseEmbedder } from "#providers/use-embedder.ts";
import { createChunker } from "#rag/chunk.ts";
import type { RagError } from "#rag/errors.ts";
import type { Chunker, Embedder, Generator, Reranker, VectorStore } from "#rag/ports.ts";

export interface EmbeddedPorts {
  chunker: Chunker;
  embedder: Embedder;
  store: VectorStore;
  reranker: Reranker;
  generator: Generator;
  /** Below caches and wrappers: what they ask is asked anew each time. */
  checks: HealthCheck[];
  close(): void;
}

/**
 * The ports that need nothing but this process and a folder: for a laptop.
 *
 * @param onCacheError hears of a failing embedding cache, which is otherwise only a miss.
 * @throws Error in one line when a native module is missing or the folder holds another model's vectors.
 */
export async function createEmbedded(
  dataDir: string,
  onCacheError?: (error: RagError) => void,
): Promise<EmbeddedPorts> {
  const embedder = createUseEmbedder();
  const { model, dimensions } = embedder;
  const database = await openSqliteDatabase({ path: join(dataDir, "store.db"), model, dimensions });
  const store = createSqliteStore(database);
  const checks = [
    { name: `store (${store.system})`, needed: true, check: () => store.ping() },
    { name: `embedder (${model})`, needed: true, check: async () => void (await embedder.embed(["ok"])) },
  ];
  return {
    chunker: createChunker({ countTokens }),
    embedder: createSharedEmbedder(createCachedEmbedder(embedder, createSqliteCache(database), onCacheError)),
    store,
    checks,
    reranker: createLexicalReranker(),
    generator: createExtractiveGenerator(),
    close: () => database.close(),
  };
}
