import { inStage } from "#rag/errors.ts";
import { locationOf } from "#rag/identity.ts";
import type { AnswerCache, Call, VectorStore } from "#rag/ports.ts";

/**
 * Invalidates cached answers whenever documents change, also when a change fails half-way. A document is not changed
 * unless the cache could be invalidated first: an outdated answer would stay cached.
 *
 * @param onCacheError called when the end of a change could not be recorded; answers are then not cached for a while
 * @throws RagError (`cache`) when the cache could not be invalidated and nothing was changed; whatever the store throws
 */
export function createInvalidatingStore(
  store: VectorStore,
  cache: Pick<AnswerCache, "changing" | "changed">,
  onCacheError: (error: unknown) => void = () => {},
): VectorStore {
  const { system, collection } = store;

  async function change<T>(call: Call | undefined, run: () => Promise<T>): Promise<T> {
    await inStage("cache", "invalidating the answer cache", () => cache.changing(call));
    try {
      return await run();
    } finally {
      // Without the caller's signal and deadline: this must run even when the caller has gone.
      const { signal, deadline, ...rest } = call ?? {};
      await inStage("cache", "invalidating the answer cache", () => cache.changed(rest)).catch(onCacheError);
    }
  }

  return {
    system,
    collection,
    ...locationOf(store),
    versions: (documentIds, call) => store.versions(documentIds, call),
    list: (request, call) => store.list(request, call),
    get: (documentId, request, call) => store.get(documentId, request, call),
    search: (request, call) => store.search(request, call),
    ping: () => store.ping(),
    replace: (document, chunks, call) => change(call, () => store.replace(document, chunks, call)),
    remove: (documentId, call) => change(call, () => store.remove(documentId, call)),
  };
}
