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
import type { Chunker, Embedder, EmbeddingCache, Generator, Reranker, VectorStore } from "#rag/ports.ts";
import type { Models } from "./hosted-models.ts";

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

/** The models that run in this process. */
export function createEmbeddedModels(): Models {
  const embedder = createUseEmbedder();
  const check = async (): Promise<void> => void (await embedder.embed(["ok"]));
  return {
    embedder,
    generator: createExtractiveGenerator(),
    checks: [{ name: `embedder (${embedder.model})`, needed: true, check }],
  };
}

/**
 * The store and the cache in a folder.
 *
 * @throws Error in one line when a native module is missing or the folder holds another model's vectors.
 */
export async function openEmbeddedStore(
  dataDir: string,
  { model, dimensions }: Pick<Embedder, "model" | "dimensions">,
): Promise<{ store: VectorStore; cache: EmbeddingCache; close(): void }> {
  const database = await openSqliteDatabase({ path: join(dataDir, "store.db"), model, dimensions });
  return { store: createSqliteStore(database), cache: createSqliteCache(database), close: () => database.close() };
}

/**
 * The ports that need nothing but this process and a folder: for a laptop.
 *
 * @param onCacheError hears of a failing embedding cache, which is otherwise only a miss.
 * @throws Error as {@link openEmbeddedStore}
 */
export async function createEmbedded(
  dataDir: string,
  onCacheError?: (error: RagError) => void,
): Promise<EmbeddedPorts> {
  const { embedder, generator, checks } = createEmbeddedModels();
  const { store, cache, close } = await openEmbeddedStore(dataDir, embedder);
  return {
    chunker: createChunker({ countTokens }),
    embedder: createSharedEmbedder(createCachedEmbedder(embedder, cache, onCacheError)),
    store,
    checks: [{ name: `store (${store.system})`, needed: true, check: () => store.ping() }, ...checks],
    reranker: createLexicalReranker(),
    generator,
    close,
  };
}
