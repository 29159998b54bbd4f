import { inStage, type RagError } from "./errors.ts";

/**
 * Returns what a cache returns, or `undefined` when it fails: a cache only saves work, so its failure fails nothing else.
 *
 * @param onError called with the failure
 * @throws the signal's reason once it is aborted
 */
export async function attemptCache<T>(
  attempted: string,
  run: () => Promise<T>,
  { signal, onError }: { signal?: AbortSignal | undefined; onError: (error: RagError) => void },
): Promise<T | undefined> {
  try {
    return await inStage("cache", attempted, run);
  } catch (error) {
    signal?.throwIfAborted();
    onError(error as RagError); // inStage throws nothing else
    return undefined;
  }
}
