/** A freeze consumes at most one tick of a timeout. */
const TICKS = 8;

/**
 * Calls `onTimeout` after about `ms` milliseconds in which the process ran. A Lambda environment may be frozen
 * meanwhile: all of that time counts as one tick at most, so 7/8 of `ms` still pass while the process runs. Does not
 * keep the process alive.
 *
 * @returns cancels the timeout
 */
export function awakeTimeout(ms: number, onTimeout: () => void): () => void {
  let ticksLeft = TICKS;
  // However late an interval is, it fires once and is rescheduled from then.
  const timer = setInterval(() => {
    ticksLeft -= 1;
    if (ticksLeft > 0) return;
    clearInterval(timer);
    onTimeout();
  }, ms / TICKS);
  timer.unref();
  return () => clearInterval(timer);
}
