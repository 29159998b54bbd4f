const MINUTE_MS = 60_000;
const MINUTES = 60;

/** Bounds what is spent in an hour, in US dollars, by this process. */
export class HourlyBudget {
  readonly #limitUsd: number;
  readonly #now: () => number;
  readonly #spentByMinute = new Map<number, number>();

  /** @param now milliseconds since 1970 */
  constructor(limitUsd: number, now: () => number = Date.now) {
    this.#limitUsd = limitUsd;
    this.#now = now;
  }

  /**
   * Spends an amount, unless more than the limit would then be spent in this minute and the 60 before it.
   *
   * @returns `undefined` when it was not spent; else what corrects the amount once it is known, `Infinity` for one that is
   *   never known: then nothing more is spent for an hour
   */
  spend(usd: number): ((actualUsd: number) => void) | undefined {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    for (const past of this.#spentByMinute.keys()) if (past < minute - MINUTES) this.#spentByMinute.delete(past);
    const spent = [...this.#spentByMinute.values()].reduce((sum, amount) => sum + amount, 0);
    if (spent + usd > this.#limitUsd) return undefined;
    this.#add(minute, usd);
    return (actualUsd) => this.#add(minute, actualUsd - usd);
  }

  #add(minute: number, usd: number): void {
    this.#spentByMinute.set(minute, (this.#spentByMinute.get(minute) ?? 0) + usd);
  }
}
