import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { App } from "#http/context.ts";
import { addChatRoutes } from "#http/protocols/chat/routes.ts";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { addSearchRoute } from "#http/routes/search.ts";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { createFollowUpRewriter } from "#providers/lexical/follow-up-rewriter.ts";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { openQdrantStore } from "#providers/qdrant/store.ts";
import { createSqliteCache } from "#providers/sqlite/cache.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { createSharedEmbedder } from "#providers/wrappers/shared-embedder.ts";
import { createTenantStore } from "#providers/wrappers/tenant-store.ts";
import { createAnswer } from "#rag/answer.ts";
import { createChunker } from "#rag/chunk.ts";
import { createConversation } from "#rag/conversation.ts";
import { createIngest } from "#rag/ingest.ts";
import type { Embedder } from "#rag/ports.ts";
import { createSearch } from "#rag/search.ts";
import { testApp } from "../http/_app.ts";
import { hashEmbedder } from "../providers/_hash-embedder.ts";

export const TENANTS = ["alice", "bob", "alice-2"] as const;
export type Tenant = (typeof TENANTS)[number];
/** @param reader the key that may only read {@link READABLE} */
export const keyOf = (tenant: Tenant, reader = false): string => `erag_${tenant}${reader ? "_reader" : ""}`;
export const READABLE = [1];
const sha256Of = (key: string): string => createHash("sha256").update(key).digest("hex");

export interface Service {
  app: App;
  close(): void;
}

const CONTENT = { model: hashEmbedder.model, dimensions: hashEmbedder.dimensions };

/** Slow like a hosted embedder, so that concurrent calls for the same text overlap. */
const slowEmbedder: Embedder = {
  ...hashEmbedder,
  async embed(texts) {
    await delay(1);
    return hashEmbedder.embed(texts);
  },
};

/**
 * The HTTP app with a key per tenant, and one store and one cache for all of them, composed as in `lib/compose`. The store
 * is SQLite, or Qdrant if its URL is given.
 */
export async function startService(qdrantUrl?: string): Promise<Service> {
  const database = await openSqliteDatabase({ path: ":memory:", ...CONTENT });
  const store = createTenantStore(
    qdrantUrl === undefined
      ? createSqliteStore(database)
      : openQdrantStore({ url: qdrantUrl, collection: randomUUID(), ...CONTENT }).store,
  );
  const ports = {
    chunker: createChunker({ countTokens }),
    embedder: createSharedEmbedder(createCachedEmbedder(slowEmbedder, createSqliteCache(database))),
    store,
    reranker: createLexicalReranker(),
    generator: createExtractiveGenerator(),
  };
  const keys = TENANTS.flatMap((tenant) => [
    { tenant, sha256: sha256Of(keyOf(tenant)) },
    { tenant, sha256: sha256Of(keyOf(tenant, true)), topicIds: READABLE },
  ]);
  const { app } = testApp({ keys, corsOrigins: [] });
  const ask = createConversation(createAnswer(ports), createFollowUpRewriter());
  const search = createSearch(ports);
  addQueryRoute(app, ask);
  addChatRoutes(app, ask);
  addMcpRoute(app, { ask, search, store });
  addEmbedRoutes(app, createIngest(ports), store);
  addSearchRoute(app, search);
  addDocumentRoutes(app, store);
  return { app, close: () => database.close() };
}
