import { setImmediate as nextTurn } from "node:timers/promises";

/** What is done after a response, or given up. */
export interface Work {
  /** Whether the response was sent. */
  isDue(): boolean;
  run(): void;
  drop(): void;
}

/** More than a server answers between two flushes; what is added beyond that is dropped. */
const MAX_WAITING = 1_000;

/** Work that no response waits for: it is done before the flush that follows the response. */
export class AfterResponse {
  #waiting: Work[] = [];

  add(work: Work): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(work);
    else work.drop();
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Does the work that is due, each piece in a turn of the event loop of its own, so that requests go on between them.
   *
   * @param budgetMs what all pieces may take together; those that are left then are dropped
   */
  async run(budgetMs: number): Promise<void> {
    let left = budgetMs;
    while (this.#waiting.some((work) => work.isDue())) {
      await nextTurn();
      const started = performance.now();
      const work = this.#takeDue();
      if (left > 0) work?.run();
      else work?.drop();
      left -= performance.now() - started;
    }
  }

  #takeDue(): Work | undefined {
    const at = this.#waiting.findIndex((work) => work.isDue());
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  drop(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const work of waiting) work.drop();
  }
}
