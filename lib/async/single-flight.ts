/**
 * Never runs `task` concurrently. Calls made during a run share one run after it, so whatever a caller did before its
 * call is covered by the run that it waits for. Used for flushes: invocations in one process neither pile up exports
 * nor see each other's failures.
 */
export function singleFlight(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function start(): Promise<void> {
    next = undefined;
    running = task().finally(() => {
      running = undefined;
    });
    return running;
  }

  return () => {
    if (next) return next;
    if (!running) return start();
    next = running.then(start, start);
    return next;
  };
}
