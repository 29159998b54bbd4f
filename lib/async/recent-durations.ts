/** Of so many calls, the latest. */
const CALLS = 16;
/** Milliseconds after which a duration says nothing about the next call. */
const MAX_AGE_MS = 60_000;

/** How long the latest successful calls of a service took, in milliseconds. */
export class RecentDurations {
  readonly #now: () => number;
  readonly #calls: { at: number; ms: number }[] = [];

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  record(ms: number): void {
    if (this.#calls.length === CALLS) this.#calls.shift();
    this.#calls.push({ at: this.#now(), ms });
  }

  /**
   * The extremes of the last minute, at most 16 calls; `undefined` when there was none. While there is only one,
   * `fastestMs` is 0: a service that has just started may take seconds for it, and milliseconds for all others.
   */
  range(): { fastestMs: number; slowestMs: number } | undefined {
    const now = this.#now();
    let count = 0;
    let [fastestMs, slowestMs] = [Number.POSITIVE_INFINITY, 0];
    for (const { at, ms } of this.#calls) {
      // The clock may have been set back.
      if (now < at || now - at > MAX_AGE_MS) continue;
      count += 1;
      fastestMs = Math.min(fastestMs, ms);
      slowestMs = Math.max(slowestMs, ms);
    }
    return count === 0 ? undefined : { fastestMs: count > 1 ? fastestMs : 0, slowestMs };
  }
}
