import { withTimeLimit } from "#async/time-limit.ts";
import type { Call, VectorStore } from "#rag/ports.ts";
import { hasStatus } from "./client.ts";

/**
 * A store whose calls wait until its collection is prepared, which begins at once. Callers share one preparation; a
 * failed one is the error of those who waited for it, and the next call tries again.
 *
 * After an answer of 400 or 404 the next call looks again: the collection may be gone, or the alias switched to one of
 * another model, and then the error says so.
 *
 * @returns the store, and the first preparation
 */
export function prepareAhead(
  store: VectorStore,
  prepare: () => Promise<void>,
): { store: VectorStore; ready: Promise<void> } {
  let ready: Promise<void> | undefined;
  const getReady = (): Promise<void> => {
    ready ??= prepare().catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };

  async function whenReady<T>(call: Call | undefined, run: () => Promise<T>): Promise<T> {
    call?.signal?.throwIfAborted();
    // The preparation is everybody's: a caller that gives up leaves it to the others.
    await withTimeLimit({ signal: call?.signal }, getReady);
    try {
      return await run();
    } catch (error) {
      if (hasStatus(error, 400, 404)) ready = undefined;
      throw error;
    }
  }

  const prepared: VectorStore = {
    ...store,
    versions: (documentIds, call) => whenReady(call, () => store.versions(documentIds, call)),
    replace: (document, chunks, call) => whenReady(call, () => store.replace(document, chunks, call)),
    remove: (documentId, call) => whenReady(call, () => store.remove(documentId, call)),
    search: (request, call) => whenReady(call, () => store.search(request, call)),
    ping: () => whenReady(undefined, () => store.ping()),
  };
  return { store: prepared, ready: getReady() };
}
