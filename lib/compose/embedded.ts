import { join } from "node:path";
import type { HealthCheck } from "#http/routes/health.ts";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";
import { createModelFolderEmbedder } from "#providers/embedded/model-folder-embedder.ts";
import { countWordPieces } from "#providers/embedded/word-pieces.ts";
import { createFollowUpRewriter } from "#providers/lexical/follow-up-rewriter.ts";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { prefixesOf } from "#providers/openai/prefixes.ts";
import { createSqliteCache } from "#providers/sqlite/cache.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteRatedAnswers } from "#providers/sqlite/rated-answers.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import type { RatedAnswers } from "#quality/feedback.ts";
import { createChunker, type TextChunker } from "#rag/chunk.ts";
import type { Embedder, EmbeddingCache, VectorStore } from "#rag/ports.ts";
import type { Clients, Models } from "./ports.ts";

/** 256 tokens are read of a text; a tenth is left for what the estimate is too low by. */
const WINDOW = 230;

/**
 * Creates the models that run in this process.
 *
 * @param isSearchedByAnother whether another embedder is used for documents and questions
 * @param cache keeps the vectors of headings, which the generator compares with questions
 */
export function createEmbeddedModels(isSearchedByAnother = false, cache?: EmbeddingCache): Models {
  const embedder = miniLmEmbedder;
  const cached = cache ? createCachedEmbedder(embedder, cache) : embedder;
  const check = async (): Promise<void> => void (await embedder.embed(["ok"]));
  return {
    embedder,
    rewriter: createFollowUpRewriter(),
    generator: createExtractiveGenerator({ embedder: cached, isSearchedByAnother }),
    checks: [{ name: `embedder (${embedder.model})`, needed: true, check }],
  };
}

/** Creates the chunker for the embedded model, which reads little of a text and ignores the rest. */
export function createEmbeddedChunker(): TextChunker {
  return createChunker({ countTokens: countWordPieces, maxTokens: WINDOW, window: WINDOW });
}

/**
 * Creates the embedder of a folder, with the prefixes that its model was trained with.
 *
 * @throws Error that starts with the setting and says what is wrong with the folder
 */
export function openModelFolder(folder: string): Pick<Models, "embedder" | "prefixes"> & { check: HealthCheck } {
  const { embedder, prefixes = prefixesOf(embedder.model, {}) } = createModelFolderEmbedder(folder);
  const check = async (): Promise<void> => void (await embedder.embed(["ok"]));
  return {
    embedder,
    ...(prefixes && { prefixes }),
    check: { name: `embedder (${embedder.model})`, needed: true, check },
  };
}

/**
 * Opens the vector store, the embedding cache and the list of rated answers in a folder.
 *
 * @throws Error with a one-line message when a native module is missing or the folder has another model's vectors
 */
export async function openEmbeddedStore(
  dataDir: string,
  { model, dimensions }: Pick<Embedder, "model" | "dimensions">,
): Promise<{ store: VectorStore; cache: EmbeddingCache; ratedAnswers: RatedAnswers; close(): void }> {
  const database = await openSqliteDatabase({ path: join(dataDir, "store.db"), model, dimensions });
  return {
    store: createSqliteStore(database),
    cache: createSqliteCache(database),
    ratedAnswers: createSqliteRatedAnswers(database),
    close: () => database.close(),
  };
}

/**
 * Creates the clients that need only this process and a folder, for a laptop.
 *
 * @throws Error as {@link openEmbeddedStore}
 */
export async function createEmbeddedClients(dataDir: string): Promise<Clients> {
  const { store, cache: embeddingCache, ratedAnswers, close } = await openEmbeddedStore(dataDir, miniLmEmbedder);
  const { checks, ...models } = createEmbeddedModels(false, embeddingCache);
  return {
    chunker: createEmbeddedChunker(),
    ...models,
    embeddingCache,
    ratedAnswers,
    store,
    reranker: createLexicalReranker(),
    services: {},
    checks: [{ name: `store (${store.system})`, needed: true, check: () => store.ping() }, ...checks],
    close,
  };
}
