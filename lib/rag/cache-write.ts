import { withTimeLimit } from "#async/time-limit.ts";
import type { Degradation } from "./errors.ts";
import type { CacheWrite } from "./ports.ts";
import { UnansweredError } from "./unanswered-error.ts";

/**
 * Runs a pipeline beside the cache write that it starts, and settles after both: what is left running may be frozen. When the
 * write failed, `degraded` begins with the stage "cache".
 *
 * @param run calls `onWrite` with a write that is not to be waited for
 * @throws what `run` throws; the signal's reason once it is aborted
 */
export async function besideCacheWrite<Result extends { degraded: Degradation[] }>(
  signal: AbortSignal | undefined,
  run: (onWrite: (write: CacheWrite) => void) => Promise<Result>,
): Promise<Result> {
  let write: CacheWrite | undefined;
  async function withFailure(degraded: readonly Degradation[]): Promise<Degradation[]> {
    const pending = write;
    const error = pending && (await withTimeLimit({ signal }, () => pending));
    return error ? [{ stage: "cache", error }, ...degraded] : [...degraded];
  }

  const ran = run((started) => {
    write = started;
  });
  const result = await ran.catch(async (error: unknown) => {
    const degraded = await withFailure(error instanceof UnansweredError ? error.degraded : []);
    throw error instanceof UnansweredError ? new UnansweredError(error, error.citations, degraded) : error;
  });
  return { ...result, degraded: await withFailure(result.degraded) };
}
