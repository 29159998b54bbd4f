import { withTimeLimit } from "#async/time-limit.ts";
import type { Call, VectorStore } from "#rag/ports.ts";
import { hasStatus } from "./client.ts";

/**
 * Starts to prepare the store's collection at once; calls of the returned store wait for that. Callers share one
 * preparation. When it fails, the calls that waited fail with its error, and the next call tries again.
 *
 * After a response of 400 or 404 the next call prepares the collection again: it may have been deleted, or the alias
 * switched to another model's, which the error then says.
 *
 * @returns the store, and the promise of the first preparation
 */
export function prepareInBackground(
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
  const reset = (): void => {
    ready = undefined;
  };
  return { store: preparedBy(getReady, reset, store), ready: getReady() };
}

/**
 * The same where a promise belongs to the request that made it: each call prepares the collection, until one has. Concurrent
 * calls may each do so, which is harmless.
 */
export function prepareInCalls(store: VectorStore, prepare: () => Promise<void>): VectorStore {
  let isReady = false;
  const getReady = async (): Promise<void> => {
    if (isReady) return;
    await prepare();
    isReady = true;
  };
  const reset = (): void => {
    isReady = false;
  };
  return preparedBy(getReady, reset, store);
}

/** @param reset called when the collection must be prepared again */
function preparedBy(getReady: () => Promise<void>, reset: () => void, store: VectorStore): VectorStore {
  async function whenReady<T>(call: Call | undefined, run: () => Promise<T>): Promise<T> {
    call?.signal?.throwIfAborted();
    // The preparation may be shared: a caller that aborts must not cancel it.
    await withTimeLimit({ signal: call?.signal }, getReady);
    try {
      return await run();
    } catch (error) {
      if (hasStatus(error, 400, 404)) reset();
      throw error;
    }
  }

  return {
    ...store,
    versions: (documentIds, call) => whenReady(call, () => store.versions(documentIds, call)),
    replace: (document, chunks, call) => whenReady(call, () => store.replace(document, chunks, call)),
    remove: (documentId, call) => whenReady(call, () => store.remove(documentId, call)),
    list: (request, call) => whenReady(call, () => store.list(request, call)),
    get: (documentId, request, call) => whenReady(call, () => store.get(documentId, request, call)),
    search: (request, call) => whenReady(call, () => store.search(request, call)),
    ping: () => whenReady(undefined, () => store.ping()),
  };
}
