/**
 * Runs `task` never twice at once. Calls that come during a run share one run after it, so whatever a caller did
 * before its call is covered by the run it waits for. Invocations in one process flush with this: exports neither pile
 * up nor report another's failure.
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
