/** Lets a bounded number of tasks run at once. */
export interface Slots {
  /**
   * Runs the task as soon as there is room.
   *
   * @throws BusyError when too many are waiting; the signal's reason once it is aborted while the task waits
   */
  run<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
}

export class BusyError extends Error {
  override readonly name = "BusyError";
}

export function createSlots(running: number, waiting: number): Slots {
  const queue = new Set<() => void>();
  let free = running;

  async function take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    if (queue.size >= waiting) throw new BusyError(`${running + waiting} files are being stored already`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => reject(signal.reason);
    queue.add(resolve);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      queue.delete(resolve);
      signal.removeEventListener("abort", abort);
    }
  }

  function release(): void {
    const [next] = queue;
    if (next === undefined) {
      free += 1;
      return;
    }
    // The slot is handed on.
    queue.delete(next);
    next();
  }

  return {
    async run(task, signal) {
      await take(signal);
      try {
        return await task();
      } finally {
        release();
      }
    },
  };
}
