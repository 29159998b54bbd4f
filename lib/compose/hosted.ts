import type { ServicesConfig } from "#config/services.ts";
import type { HealthCheck } from "#http/health.ts";
import { createCachedEmbedder } from "#providers/cached-embedder.ts";
import { createLexicalReranker } from "#providers/lexical-reranker.ts";
import { onlyTo } from "#providers/outbound.ts";
import { openQdrantStore } from "#providers/qdrant-store.ts";
import { createApiReranker } from "#providers/rerank-api.ts";
import { resilientAnswers, resilientCache, resilientReranker, resilientStore } from "#providers/resilient-ports.ts";
import { createService, type Retry } from "#providers/service.ts";
import { createSharedEmbedder } from "#providers/shared-embedder.ts";
import { countTokens } from "#providers/token-counter.ts";
import { createUpstashAnswers } from "#providers/upstash-answers.ts";
import { createUpstashCache } from "#providers/upstash-cache.ts";
import { createUpstashClient } from "#providers/upstash-client.ts";
import { createChunker } from "#rag/chunk.ts";
import type { RagError } from "#rag/errors.ts";
import { createInvalidatingStore } from "#rag/invalidating-store.ts";
import type { AnswerCache, EmbeddingCache, Reranker, VectorStore } from "#rag/ports.ts";
import type { EmbeddedPorts } from "./embedded.ts";
import { LIMITS } from "./hosted-limits.ts";
import { createModels } from "./hosted-models.ts";

export interface HostedOptions {
  services: ServicesConfig;
  /** Of the embedded parts, where a service is not configured. */
  dataDir: string;
  fetch: typeof globalThis.fetch;
  onCacheError: (error: RagError) => void;
  onAnswerCacheError: (error: unknown) => void;
  /** Told of each attempt that is made again. */
  onRetry?: (retry: Retry) => void;
  /** Told why Qdrant's collection could not be prepared ahead of the first call that needs it, which tries again. */
  onStoreUnready?: (error: unknown) => void;
}

export interface HostedPorts extends EmbeddedPorts {
  /** Where answers are kept; the store then tells it of changes. */
  answers?: AnswerCache;
}

/**
 * The ports on the services that are configured, and on embedded parts where none is. The clients of all services are
 * loaded together, in one file: many small ones take a cold start longer. Every call of a service has limits, and is made
 * by way of a `fetch` that knows that service's host alone.
 *
 * @throws Error when the embedded store holds another model's vectors, or cannot be opened
 */
export async function createHosted(options: HostedOptions): Promise<HostedPorts> {
  const { services, dataDir, fetch, onCacheError, onAnswerCacheError, onRetry, onStoreUnready } = options;
  const { qdrant, upstash, rerank } = services;
  const service = (name: string) => createService({ name, onRetry });
  const models = await createModels(services, fetch, onRetry);
  const { model, dimensions } = models.embedder;
  const embedded =
    qdrant && upstash ? undefined : await (await import("./embedded.ts")).openEmbeddedStore(dataDir, models.embedder);

  function openStore(): VectorStore {
    if (!qdrant) return must(embedded).store;
    const { store, ready } = openQdrantStore({
      ...qdrant,
      model,
      dimensions,
      // The embedded parts go by it, the services judge for themselves.
      similarities: !(services.openai && rerank),
      fetch: onlyTo(qdrant.url, fetch),
      timeoutMs: LIMITS.request.timeoutMs,
      attempts: { service: service("vector_store"), limits: LIMITS.request },
    });
    ready.catch((error: unknown) => onStoreUnready?.(error));
    return resilientStore(store, service("vector_store"), LIMITS);
  }

  function openCaches(): { cache: EmbeddingCache; answers?: AnswerCache } {
    if (!upstash) return { cache: must(embedded).cache };
    const client = createUpstashClient({
      ...upstash,
      fetch: onlyTo(upstash.url, fetch),
      timeoutMs: LIMITS.change.timeoutMs,
    });
    const redis = service("cache");
    const cache = resilientCache(createUpstashCache(client), redis, LIMITS.cache);
    const { answerSeconds: ttlSeconds } = upstash;
    if (ttlSeconds === undefined) return { cache };
    return { cache, answers: resilientAnswers(createUpstashAnswers(client, { ttlSeconds }), redis, LIMITS) };
  }

  function openReranker(): { reranker: Reranker; checks: HealthCheck[] } {
    if (!rerank) return { reranker: createLexicalReranker(), checks: [] };
    const { timeoutMs } = LIMITS.rerank;
    const reranker = createApiReranker({ ...rerank, fetch: onlyTo(rerank.url, fetch), timeoutMs });
    // Only whether the host is there: what proves more is billed.
    const check = { name: `reranker (${reranker.address})`, needed: false, check: () => reranker.ping() };
    return { reranker: resilientReranker(reranker, service("reranker"), LIMITS.rerank), checks: [check] };
  }

  const store = openStore();
  const { cache, answers } = openCaches();
  const reranking = openReranker();
  const storeCheck = { name: `store (${store.system})`, needed: true, check: () => store.ping() };
  return {
    chunker: createChunker({ countTokens }),
    embedder: createSharedEmbedder(createCachedEmbedder(models.embedder, cache, onCacheError)),
    ...(answers && { answers }),
    store: answers ? createInvalidatingStore(store, answers, onAnswerCacheError) : store,
    reranker: reranking.reranker,
    generator: models.generator,
    checks: [storeCheck, ...models.checks, ...reranking.checks],
    close: () => embedded?.close(),
  };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the embedded store was not opened");
  return value;
}
