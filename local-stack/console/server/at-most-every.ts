/**
 * Calls `run` some time after a call, once for all calls until then.
 *
 * @param ms milliseconds between the first call and `run`
 */
export function atMostEvery(ms: number, run: () => void): () => void {
  let isScheduled = false;
  return () => {
    if (isScheduled) return;
    isScheduled = true;
    setTimeout(() => {
      isScheduled = false;
      run();
    }, ms).unref();
  };
}
