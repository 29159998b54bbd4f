import { onTestFinished, vi } from "vitest";

/**
 * Stops the timers of this process until the test ends or calls `vi.useRealTimers`: what settles meanwhile waited for
 * no timer, unless the test advanced one. I/O, `setImmediate` and clocks are real.
 */
export function stopTimers(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Advances stopped timers. Fails when `work` settles before the last millisecond of `ms`, or does not settle then. */
export async function settlesAfter<T>(ms: number, work: Promise<T>): Promise<T> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  work.then(done, done);
  vi.advanceTimersByTime(ms - 1);
  await new Promise((resolve) => setImmediate(resolve));
  if (settled) throw new Error(`settled before ${ms} ms`);
  vi.advanceTimersByTime(1);
  return work;
}
