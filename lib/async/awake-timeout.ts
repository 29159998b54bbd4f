/** A freeze uses up at most one part in so many of a limit. */
const PARTS = 8;

/**
 * Calls `onTimeout` after `ms` milliseconds, of which a Lambda environment's freeze counts as little as it can: what
 * comes after the thaw has the rest of the time to come. Does not keep the process alive.
 *
 * @returns calls it off
 */
export function awakeTimeout(ms: number, onTimeout: () => void): () => void {
  let left = PARTS;
  // However late it is, an interval fires once and starts anew.
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    onTimeout();
  }, ms / PARTS);
  timer.unref();
  return () => clearInterval(timer);
}
