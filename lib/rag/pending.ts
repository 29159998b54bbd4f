import { withTimeLimit } from "#async/time-limit.ts";
import type { Degradation } from "./errors.ts";
import type { Pending } from "./ports.ts";
import { UnansweredError } from "./unanswered-error.ts";

/**
 * Runs a pipeline beside what embedding its question has left pending, and settles after both: what is left running may be
 * frozen. When the cache could not be written, `degraded` begins with the stage "cache".
 *
 * @param run calls `onPending` with what it does not wait for
 * @throws what `run` throws; the signal's reason once it is aborted
 */
export async function besidePending<Result extends { degraded: Degradation[] }>(
  signal: AbortSignal | undefined,
  run: (onPending: (pending: Pending) => void) => Promise<Result>,
): Promise<Result> {
  let begun: Pending | undefined;
  async function withFailure(degraded: readonly Degradation[]): Promise<Degradation[]> {
    const pending = begun;
    const error = pending && (await withTimeLimit({ signal }, () => pending));
    return error ? [{ stage: "cache", error }, ...degraded] : [...degraded];
  }

  const ran = run((pending) => {
    begun = pending;
  });
  const result = await ran.catch(async (error: unknown) => {
    const degraded = await withFailure(error instanceof UnansweredError ? error.degraded : []);
    throw error instanceof UnansweredError ? new UnansweredError(error, error.citations, degraded) : error;
  });
  return { ...result, degraded: await withFailure(result.degraded) };
}
