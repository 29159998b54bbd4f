/** Of so many calls, the latest. */
const CALLS = 16;
/** Milliseconds after which a duration says nothing about the next call. */
const MAX_AGE_MS = 60_000;

/** How long the latest successful calls of a service took, in milliseconds. */
export class RecentDurations {
  readonly #now: () => number;
  #calls: { at: number; ms: number }[] = [];

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  record(ms: number): void {
    this.#calls = [...this.#calls.slice(1 - CALLS), { at: this.#now(), ms }];
  }

  /**
   * The extremes of the last minute, at most 16 calls; `undefined` when there was none. While there is only one,
   * `fastestMs` is 0: a service that has just started may take seconds for it, and milliseconds for all others.
   */
  range(): { fastestMs: number; slowestMs: number } | undefined {
    const age = (at: number): number => this.#now() - at;
    this.#calls = this.#calls.filter(({ at }) => age(at) >= 0 && age(at) <= MAX_AGE_MS);
    if (this.#calls.length === 0) return undefined;
    const durations = this.#calls.map(({ ms }) => ms);
    const fastestMs = durations.length > 1 ? Math.min(...durations) : 0;
    return { fastestMs, slowestMs: Math.max(...durations) };
  }
}
