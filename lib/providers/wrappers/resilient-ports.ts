import type { Limits, Service } from "#providers/service/service.ts";
import { identityOf, locationOf, traitsOf } from "#rag/identity.ts";
import type { AnswerCache, Embedder, EmbeddingCache, Generator, Reranker, VectorStore } from "#rag/ports.ts";
import type { QueryRewriter } from "#rag/query-rewriter.ts";

/** Wrappers that run each call of a port with its limits: timeout, retries, circuit breaker. */

export function resilientEmbedder(embedder: Embedder, service: Service, limits: Limits): Embedder {
  return {
    ...traitsOf(embedder),
    embed: (texts, call) => service(limits, call, (call) => embedder.embed(texts, call)),
  };
}

export function resilientReranker(reranker: Reranker, service: Service, limits: Limits): Reranker {
  return {
    ...identityOf(reranker),
    rerank: (question, hits, limit, call) =>
      service(limits, call, (call) => reranker.rerank(question, hits, limit, call)),
  };
}

export function resilientRewriter(rewriter: QueryRewriter, service: Service, limits: Limits): QueryRewriter {
  return {
    ...identityOf(rewriter),
    rewrite: (question, history, call) => service(limits, call, (call) => rewriter.rewrite(question, history, call)),
  };
}

/** Does not retry once text was emitted: it could not be taken back. */
export function resilientGenerator(generator: Generator, service: Service, limits: Limits): Generator {
  return {
    ...identityOf(generator),
    generate(prompt, { onDelta, ...call } = {}) {
      let emitted = false;
      const emit = (text: string): void => {
        emitted = true;
        onDelta?.(text);
      };
      return service({ ...limits, mayRetry: () => !emitted }, call, (call) =>
        generator.generate(prompt, { ...call, ...(onDelta && { onDelta: emit }) }),
      );
    },
  };
}

export function resilientCache(cache: EmbeddingCache, service: Service, limits: Limits): EmbeddingCache {
  return {
    getMany: (keys, call) => service(limits, call, (call) => cache.getMany(keys, call)),
    setMany: (entries, call) => service(limits, call, (call) => cache.setMany(entries, call)),
  };
}

/** @param limits `cache` for reads and writes during a query; `change` for invalidation, which ingestion depends on */
export function resilientAnswers(
  answers: AnswerCache,
  service: Service,
  { cache, change }: { cache: Limits; change: Limits },
): AnswerCache {
  return {
    get: (key, call) => service(cache, call, (call) => answers.get(key, call)),
    set: (key, answer, version, call) => service(cache, call, (call) => answers.set(key, answer, version, call)),
    changing: (call) => service(change, call, (call) => answers.changing(call)),
    changed: (call) => service(change, call, (call) => answers.changed(call)),
  };
}

/** @param limits `read` for calls that a query waits for; `write` for changes, which may take many requests each */
export function resilientStore(
  store: VectorStore,
  service: Service,
  { read, write }: { read: Limits; write: Limits },
): VectorStore {
  const { system, collection } = store;
  return {
    system,
    collection,
    ...locationOf(store),
    versions: (documentIds, call) => service(read, call, (call) => store.versions(documentIds, call)),
    list: (request, call) => service(read, call, (call) => store.list(request, call)),
    get: (documentId, request, call) => service(read, call, (call) => store.get(documentId, request, call)),
    search: (request, call) => service(read, call, (call) => store.search(request, call)),
    replace: (document, chunks, call) => service(write, call, (call) => store.replace(document, chunks, call)),
    remove: (documentId, call) => service(write, call, (call) => store.remove(documentId, call)),
    ping: () => store.ping(),
  };
}
