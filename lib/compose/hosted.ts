import { join } from "node:path";
import type { ServicesConfig } from "#config/services.ts";
import type { HealthCheck } from "#http/health.ts";
import { createCachedEmbedder } from "#providers/cached-embedder.ts";
import { createExtractiveGenerator } from "#providers/extractive-generator.ts";
import { createLexicalReranker } from "#providers/lexical-reranker.ts";
import { createSharedEmbedder } from "#providers/shared-embedder.ts";
import { countTokens } from "#providers/token-counter.ts";
import { createChunker } from "#rag/chunk.ts";
import { createInvalidatingStore } from "#rag/invalidating-store.ts";
import type { AnswerCache, Embedder, EmbeddingCache, Generator, VectorStore } from "#rag/ports.ts";
import type { EmbeddedPorts } from "./embedded.ts";
import { limitedFetch } from "./limited-fetch.ts";

/** Milliseconds a call may take: API Gateway waits for 30 s in all. */
const OPENAI_TIMEOUT_MS = 20_000;
const QDRANT_TIMEOUT_MS = 8_000;
/** A cache that takes longer is no help. */
const UPSTASH_TIMEOUT_MS = 1_000;

export interface HostedOptions {
  services: ServicesConfig;
  /** Of the embedded parts, where a service is not configured. */
  dataDir: string;
  /** For services whose clients take one. */
  fetch: typeof globalThis.fetch;
  onCacheError: (error: unknown) => void;
  onAnswerCacheError: (error: unknown) => void;
}

export interface HostedPorts extends EmbeddedPorts {
  /** Where answers are kept; the store then tells it of changes. */
  answers?: AnswerCache;
}

/**
 * The ports on the services that are configured, and on embedded parts where none is. Each part is loaded only when it
 * is used.
 *
 * @throws Error when a store holds another model's vectors, or cannot be opened
 */
export async function createHosted({
  services,
  dataDir,
  fetch,
  onCacheError,
  onAnswerCacheError,
}: HostedOptions): Promise<HostedPorts> {
  const { openai, qdrant, upstash } = services;
  const models = openai ? await openAIModels(openai, fetch) : await embeddedModels();
  const { model, dimensions } = models.embedder;
  const database =
    qdrant && upstash
      ? undefined
      : await (await import("#providers/sqlite-database.ts")).openSqliteDatabase({
          path: join(dataDir, "store.db"),
          model,
          dimensions,
        });

  async function openStore(): Promise<VectorStore> {
    if (qdrant) {
      const { openQdrantStore } = await import("#providers/qdrant-store.ts");
      return openQdrantStore({ ...qdrant, model, dimensions, timeoutMs: QDRANT_TIMEOUT_MS });
    }
    const { createSqliteStore } = await import("#providers/sqlite-store.ts");
    return createSqliteStore(must(database));
  }

  async function openCaches(): Promise<{ cache: EmbeddingCache; answers?: AnswerCache }> {
    if (upstash) {
      const [{ createUpstashCache }, { createUpstashAnswers }, { createUpstashClient }] = await Promise.all([
        import("#providers/upstash-cache.ts"),
        import("#providers/upstash-answers.ts"),
        import("#providers/upstash-client.ts"),
      ]);
      const { answerSeconds: ttlSeconds } = upstash;
      const redis = createUpstashClient({ ...upstash, fetch: limitedFetch(fetch, UPSTASH_TIMEOUT_MS) });
      return {
        cache: createUpstashCache(redis),
        ...(ttlSeconds !== undefined && { answers: createUpstashAnswers(redis, { ttlSeconds }) }),
      };
    }
    const { createSqliteCache } = await import("#providers/sqlite-cache.ts");
    return { cache: createSqliteCache(must(database)) };
  }

  const [store, { cache, answers }] = await Promise.all([openStore(), openCaches()]);
  const storeCheck = { name: `store (${store.system})`, needed: true, check: () => store.ping() };
  return {
    chunker: createChunker({ countTokens }),
    embedder: createSharedEmbedder(createCachedEmbedder(models.embedder, cache, onCacheError)),
    ...(answers && { answers }),
    store: answers ? createInvalidatingStore(store, answers, onAnswerCacheError) : store,
    reranker: createLexicalReranker(),
    generator: models.generator,
    checks: [storeCheck, ...models.checks],
    close: () => database?.close(),
  };
}

interface Models {
  embedder: Embedder;
  generator: Generator;
  checks: HealthCheck[];
}

async function openAIModels(
  { embeddingModel, chatModel, dimensions, ...server }: NonNullable<ServicesConfig["openai"]>,
  fetch: typeof globalThis.fetch,
): Promise<Models> {
  const [{ createOpenAIClient }, { createOpenAIEmbedder }, { createOpenAIGenerator }, { createBatchedEmbedder }] =
    await Promise.all([
      import("#providers/openai-client.ts"),
      import("#providers/openai-embedder.ts"),
      import("#providers/openai-generator.ts"),
      import("#providers/batched-embedder.ts"),
    ]);
  const client = createOpenAIClient({ ...server, fetch, timeoutMs: OPENAI_TIMEOUT_MS });
  const embedder = createOpenAIEmbedder(client, { model: embeddingModel, dimensions });
  const generator = createOpenAIGenerator(client, { model: chatModel });
  // Lists models: the cheapest call that proves address and key.
  const check = async (): Promise<void> => void (await client.models.list());
  return {
    embedder: createBatchedEmbedder(embedder),
    generator,
    checks: [{ name: `models (${generator.address})`, needed: true, check }],
  };
}

async function embeddedModels(): Promise<Models> {
  const { createUseEmbedder } = await import("#providers/use-embedder.ts");
  const embedder = createUseEmbedder();
  const check = async (): Promise<void> => void (await embedder.embed(["ok"]));
  return {
    embedder,
    generator: createExtractiveGenerator(),
    checks: [{ name: `embedder (${embedder.model})`, needed: true, check }],
  };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the embedded store was not opened");
  return value;
}
