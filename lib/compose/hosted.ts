import type { ServicesConfig } from "#config/services.ts";
import type { HealthCheck } from "#http/routes/health.ts";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { openQdrantStore } from "#providers/qdrant/store.ts";
import { createApiReranker } from "#providers/rerank/reranker.ts";
import { restrictToHost } from "#providers/service/restrict-to-host.ts";
import { createService, type Retry } from "#providers/service/service.ts";
import { createUpstashAnswers } from "#providers/upstash/answers.ts";
import { createUpstashCache } from "#providers/upstash/cache.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import { createChunker } from "#rag/chunk.ts";
import type { Reranker, VectorStore } from "#rag/ports.ts";
import { LIMITS } from "./limits.ts";
import { createModels } from "./models.ts";
import type { Clients } from "./ports.ts";

export interface HostedOptions {
  services: ServicesConfig;
  /** Of the embedded parts, where a service is not configured. */
  dataDir: string;
  fetch: typeof globalThis.fetch;
  /** Told of each attempt that is made again. */
  onRetry?: (retry: Retry) => void;
  /** Told why Qdrant's collection could not be prepared ahead of the first call that needs it, which tries again. */
  onStoreUnready?: (error: unknown) => void;
}

/**
 * The clients of the services that are configured, and embedded parts where none is. The clients of all services are
 * loaded together, in one file: many small ones take a cold start longer. Every client is given a `fetch` that knows its
 * service's host alone.
 *
 * @throws Error when the embedded store holds another model's vectors, or cannot be opened
 */
export async function createHostedClients(options: HostedOptions): Promise<Clients> {
  const { services, dataDir, fetch, onRetry, onStoreUnready } = options;
  const { openai, qdrant, upstash, rerank } = services;
  const service = (name: string) => createService({ name, onRetry });
  const models = await createModels(services, fetch);
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
      similarities: !(openai && rerank),
      fetch: restrictToHost(qdrant.url, fetch),
      timeoutMs: LIMITS.request.timeoutMs,
      attempts: { service: service("vector_store"), limits: LIMITS.request },
    });
    ready.catch((error: unknown) => onStoreUnready?.(error));
    return store;
  }

  function openCaches(): Pick<Clients, "embeddingCache" | "answers"> {
    if (!upstash) return { embeddingCache: must(embedded).cache };
    const { url, answerSeconds: ttlSeconds } = upstash;
    const { timeoutMs } = LIMITS.change;
    const client = createUpstashClient({ ...upstash, fetch: restrictToHost(url, fetch), timeoutMs });
    return {
      embeddingCache: createUpstashCache(client),
      ...(ttlSeconds !== undefined && { answers: createUpstashAnswers(client, { ttlSeconds }) }),
    };
  }

  function openReranker(): { reranker: Reranker; checks: HealthCheck[] } {
    if (!rerank) return { reranker: createLexicalReranker(), checks: [] };
    const { timeoutMs } = LIMITS.rerank;
    const reranker = createApiReranker({ ...rerank, fetch: restrictToHost(rerank.url, fetch), timeoutMs });
    // Only whether the host is there: what proves more is billed.
    const check = { name: `reranker (${reranker.address})`, needed: false, check: () => reranker.ping() };
    return { reranker, checks: [check] };
  }

  const store = openStore();
  const reranking = openReranker();
  const storeCheck = { name: `store (${store.system})`, needed: true, check: () => store.ping() };
  return {
    chunker: createChunker({ countTokens }),
    embedder: models.embedder,
    ...openCaches(),
    store,
    reranker: reranking.reranker,
    generator: models.generator,
    services: {
      ...(openai && { embedder: service("embedding"), generator: service("chat") }),
      ...(qdrant && { store: service("vector_store") }),
      ...(upstash && { cache: service("cache") }),
      ...(rerank && { reranker: service("reranker") }),
    },
    checks: [storeCheck, ...models.checks, ...reranking.checks],
    close: () => embedded?.close(),
  };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the embedded store was not opened");
  return value;
}
