import type { JudgeConfig } from "#config/judge.ts";
import type { ServicesConfig } from "#config/services.ts";
import type { ShadowConfig } from "#config/shadow.ts";
import type { HealthCheck } from "#http/routes/health.ts";
import { createLexicalReranker, LEXICAL_RERANKER } from "#providers/lexical/reranker.ts";
import type { QdrantOptions } from "#providers/qdrant/client.ts";
import { openQdrantStore, openRequestBoundQdrantStore } from "#providers/qdrant/store.ts";
import { createApiReranker } from "#providers/rerank/reranker.ts";
import { restrictToHost } from "#providers/service/restrict-to-host.ts";
import { createService, type Retry } from "#providers/service/service.ts";
import { createUpstashAnswers } from "#providers/upstash/answers.ts";
import { createUpstashCache } from "#providers/upstash/cache.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import { createUpstashRatedAnswers } from "#providers/upstash/rated-answers.ts";
import type { Reranker, VectorStore } from "#rag/ports.ts";
import { LIMITS } from "./limits.ts";
import { createModels, createShadowGenerator } from "./models.ts";
import type { Clients, ShadowClients } from "./ports.ts";

export interface HostedOptions {
  services: ServicesConfig;
  /** Folder of the embedded parts, which are used for services that are not configured. */
  dataDir: string;
  fetch: typeof globalThis.fetch;
  judge?: JudgeConfig | undefined;
  shadow?: ShadowConfig | undefined;
  /** Whether promises belong to the request that made them: the store's collection is then prepared by each request until it is ready. */
  requestBound?: boolean;
  /** Called with each retry. */
  onRetry?: (retry: Retry) => void;
  /** Called when Qdrant's collection could not be prepared in advance; the first call that needs it tries again. */
  onStoreUnready?: (error: unknown) => void;
  /** Called when a model rejects a parameter, which is not sent from then on. */
  onRejected?: (error: unknown) => void;
}

/**
 * Creates clients for the configured services, and embedded parts for the others. The clients of all services are imported
 * statically, so that the bundle has one file of them: loading many small ones makes a cold start longer. Each client gets
 * a `fetch` that is restricted to the host of its service.
 *
 * @throws Error when the embedded store has another model's vectors, or cannot be opened
 */
export async function createHostedClients(options: HostedOptions): Promise<Clients> {
  const {
    services,
    dataDir,
    fetch,
    judge,
    shadow,
    requestBound = false,
    onRetry,
    onStoreUnready,
    onRejected,
  } = options;
  const { embedding, chat, qdrant, upstash, rerank } = services;
  const service = (name: string) => createService({ name, onRetry });
  const models = await createModels(services, fetch, onRejected, judge);
  const { model, dimensions } = models.embedder;
  const embedded =
    qdrant && upstash ? undefined : await (await import("./embedded.ts")).openEmbeddedStore(dataDir, models.embedder);

  /** @param attempts retries; none when absent */
  function openStore(similarities: boolean, attempts?: QdrantOptions["attempts"]): VectorStore {
    if (!qdrant) return openedStore(embedded).store;
    const options = {
      ...qdrant,
      model,
      dimensions,
      similarities,
      fetch: restrictToHost(qdrant.url, fetch),
      timeoutMs: LIMITS.request.timeoutMs,
      ...(attempts && { attempts }),
    };
    if (requestBound) return openRequestBoundQdrantStore(options);
    const { store, ready } = openQdrantStore(options);
    ready.catch((error: unknown) => onStoreUnready?.(error));
    return store;
  }

  function openCaches(): Pick<Clients, "embeddingCache" | "answers" | "ratedAnswers"> {
    if (!upstash) {
      const { cache: embeddingCache, ratedAnswers } = openedStore(embedded);
      return { embeddingCache, ratedAnswers };
    }
    const { url, answerSeconds: ttlSeconds } = upstash;
    const { timeoutMs } = LIMITS.change;
    const client = createUpstashClient({ ...upstash, fetch: restrictToHost(url, fetch), timeoutMs });
    return {
      embeddingCache: createUpstashCache(client),
      ratedAnswers: createUpstashRatedAnswers(client),
      ...(ttlSeconds !== undefined && { answers: createUpstashAnswers(client, { ttlSeconds }) }),
    };
  }

  function openShadow({ model, reranker }: ShadowConfig): ShadowClients | undefined {
    if (!chat) return undefined;
    const isApi = rerank !== undefined && reranker !== LEXICAL_RERANKER;
    const own = isApi && { ...rerank, ...(reranker !== undefined && { model: reranker }) };
    return {
      ...createShadowGenerator(chat, model, fetch, onRejected),
      reranker: own ? openApiReranker(own) : createLexicalReranker(),
      service: service("shadow"),
      openStore: () => openStore(!isApi),
    };
  }

  function openApiReranker(settings: NonNullable<ServicesConfig["rerank"]>) {
    const { timeoutMs } = LIMITS.rerank;
    return createApiReranker({ ...settings, fetch: restrictToHost(settings.url, fetch), timeoutMs });
  }

  function openReranker(): { reranker: Reranker; checks: HealthCheck[] } {
    if (!rerank) return { reranker: createLexicalReranker(), checks: [] };
    const reranker = openApiReranker(rerank);
    // Checks only that the host is reachable: a rerank request would be billed.
    const check = { name: `reranker (${reranker.address})`, needed: false, check: () => reranker.ping() };
    return { reranker, checks: [check] };
  }

  // Only the embedded generator and reranker use similarities.
  const store = openStore(!(chat && rerank), { service: service("vector_store"), limits: LIMITS.request });
  const reranking = openReranker();
  const shadowClients = shadow && openShadow(shadow);
  const storeCheck = { name: `store (${store.system})`, needed: true, check: () => store.ping() };
  return {
    ...(!embedding && { chunker: (await import("./embedded.ts")).createEmbeddedChunker() }),
    embedder: models.embedder,
    ...(models.prefixes && { prefixes: models.prefixes }),
    ...(models.batches && { batches: models.batches }),
    ...openCaches(),
    store,
    reranker: reranking.reranker,
    rewriter: models.rewriter,
    generator: models.generator,
    ...(models.judge && { judge: models.judge }),
    ...(shadowClients && { shadow: shadowClients }),
    services: {
      ...(embedding && { embedder: service("embedding") }),
      // Each with a circuit breaker of its own: a rewriting has too little time to say whether the model can answer.
      ...(chat && { rewriter: service("chat"), generator: service("chat") }),
      ...(judge && { judge: service("judge") }),
      ...(qdrant && { store: service("vector_store") }),
      ...(upstash && { cache: service("cache"), ratedAnswers: service("feedback") }),
      ...(rerank && { reranker: service("reranker") }),
    },
    checks: [storeCheck, ...models.checks, ...reranking.checks],
    close: () => embedded?.close(),
  };
}

function openedStore<T>(embedded: T | undefined): T {
  if (embedded === undefined) throw new Error("the embedded store was not opened");
  return embedded;
}
