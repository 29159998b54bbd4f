import type { ShadowConfig } from "#config/shadow.ts";
import type { Service } from "#providers/service/service.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { createPrefixedEmbedder } from "#providers/wrappers/prefixed-embedder.ts";
import { createTenantStore } from "#providers/wrappers/tenant-store.ts";
import type { Embedder, EmbeddingCache, Generator, VectorStore } from "#rag/ports.ts";
import { createSearch, type SearchDocuments } from "#rag/search.ts";
import { createMetering } from "#usage/metered-ports.ts";
import type { Usage } from "#usage/usage-monitor.ts";
import type { PriceOf } from "./most-cost.ts";
import type { Clients, ShadowClients } from "./ports.ts";

/** What questions are answered again with. */
export interface ShadowSource extends ShadowConfig {
  priceOf: PriceOf;
  /** Called when a question could not be answered again. */
  onFailure(error: unknown): void;
}

/** What a shadow answers with. Nothing of it is traced, tried again, or written to a cache. */
export interface ShadowPorts {
  /** Runs each answer with a time limit and a circuit breaker. */
  service: Service;
  /** Of the generator. */
  model: string;
  /** Whether it is not the one that answers. */
  isOtherModel: boolean;
  /** Tokens of an answer at most. */
  maxTokens: number;
  /** @param recordUsage called with each billed call; returns its price where that is known */
  open(recordUsage: (usage: Usage) => number | undefined): { search: SearchDocuments; generator: Generator };
}

/**
 * @param tenants whether documents are separated by tenant
 * @param onInvalidUsage called with invalid usage that a provider reports
 */
export function composeShadowPorts(
  { shadow, ...clients }: Clients & { shadow: ShadowClients },
  tenants: boolean,
  onInvalidUsage: (error: unknown) => void,
): ShadowPorts {
  const { service, generator, maxTokens, reranker } = shadow;
  const embedder = readingCache(clients);
  let opened: VectorStore | undefined;
  function store(): VectorStore {
    opened ??= tenants ? createTenantStore(shadow.openStore()) : shadow.openStore();
    return opened;
  }
  return {
    ...{ service, maxTokens, model: generator.model },
    isOtherModel: generator.model !== clients.generator.model,
    open(recordUsage) {
      const meter = createMetering({ recordUsage }, onInvalidUsage);
      return {
        search: (question, call) =>
          createSearch({ embedder: meter.embedder(embedder), store: store(), reranker })(question, call),
        generator: meter.generator(generator),
      };
    },
  };
}

/** Mostly finds the vector that the question has just got. */
function readingCache({ embedder, prefixes, embeddingCache }: Clients): Embedder {
  const cache: EmbeddingCache = {
    getMany: (keys, call) => embeddingCache.getMany(keys, call),
    async setMany() {},
  };
  const cached = createCachedEmbedder(embedder, cache);
  return prefixes ? createPrefixedEmbedder(cached, prefixes) : cached;
}
