/**
 * Runs `work` with a signal that is aborted with `signal`, or after `ms` milliseconds. Whether `work` heeds it is its
 * own business. Costs a third of the processor time of `AbortSignal.any` with `AbortSignal.timeout`, of which a query
 * would need ten.
 *
 * @param reason what the signal is aborted with when time is up; as `AbortSignal.timeout` has it, when absent
 */
export async function withTimeLimit<T>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  reason: () => Error = timedOut,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(reason()), ms);
  const abort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    if (signal?.aborted) abort();
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

function timedOut(): Error {
  return new DOMException("The operation was aborted due to timeout", "TimeoutError");
}
