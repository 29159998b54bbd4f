import { inStage, type RagError } from "./errors.ts";

/**
 * What a cache gives, or `undefined` when it fails, of which `onError` hears: a cache only ever saves work.
 *
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
