import { inStage } from "#rag/errors.ts";
import type { AnswerCache, Call, VectorStore } from "#rag/ports.ts";

/**
 * The same store, with answers that were made from its documents forgotten as they change, also where a change fails
 * half-way. What cannot be announced is not done: an answer would outlive the document that it was made from.
 *
 * @param onCacheError hears when the end of a change could not be told; answers are then not kept for a while.
 * @throws RagError (`cache`) when nothing was changed as it could not be announced, and whatever the store throws
 */
export function createInvalidatingStore(
  store: VectorStore,
  cache: Pick<AnswerCache, "changing" | "changed">,
  onCacheError: (error: unknown) => void = () => {},
): VectorStore {
  const { system, collection, address } = store;

  async function change<T>(call: Call | undefined, run: () => Promise<T>): Promise<T> {
    await inStage("cache", "telling the answer cache of a change", () => cache.changing(call));
    try {
      return await run();
    } finally {
      // Not for the caller's sake: it has to be told though the caller may have gone.
      const { signal, deadline, ...owner } = call ?? {};
      await inStage("cache", "telling the answer cache of a change", () => cache.changed(owner)).catch(onCacheError);
    }
  }

  return {
    system,
    collection,
    ...(address !== undefined && { address }),
    versions: (documentIds, call) => store.versions(documentIds, call),
    search: (request, call) => store.search(request, call),
    ping: () => store.ping(),
    replace: (document, chunks, call) => change(call, () => store.replace(document, chunks, call)),
    remove: (documentId, call) => change(call, () => store.remove(documentId, call)),
  };
}
