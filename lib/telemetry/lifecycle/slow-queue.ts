import { settlesWithin } from "#async/time-limit.ts";

/** Work after responses that waits for a service, and goes on meanwhile. */
export interface SlowWork {
  /**
   * Begins what is due.
   *
   * @returns settles when what was begun is done, and never rejects; `undefined` when there is none
   */
  start(): Promise<unknown> | undefined;
  /** The same, and waits for `ms` milliseconds at most; then what is left is dropped. Never rejects. */
  settle(ms: number): Promise<void>;
  /** Gives up all that is not done yet. */
  drop(): void;
}

/** The context of one piece of work. */
export interface SlowCall {
  /** Aborts the work, whose result is then no longer wanted. */
  signal: AbortSignal;
  /** When the result is needed, in milliseconds since 1970. */
  deadline: number;
}

export interface SlowQueueOptions<Item, Result> {
  /** Milliseconds from adding an item to its result, the wait for earlier ones included. */
  timeoutMs: number;
  /** Whether the response that the item belongs to was sent. */
  isDue(item: Item): boolean;
  /** A rejection counts as failed. */
  run(item: Item, call: SlowCall): Promise<Result>;
  /** Called once for each item. */
  finish(item: Item, result: Result | { outcome: "failed" | "dropped" }): void;
}

/** Requests to a service at a time. */
const MAX_RUNNING = 4;
/** More than that wait in vain; they stay in memory meanwhile. */
const MAX_WAITING = 100;

interface Waiting<Item> {
  item: Item;
  deadline: number;
}

/** Runs a few items at a time after their responses, each once. What would come too late is dropped. */
export class SlowQueue<Item, Result> implements SlowWork {
  readonly #options: SlowQueueOptions<Item, Result>;
  #waiting: Waiting<Item>[] = [];
  readonly #running = new Map<Promise<void>, () => void>();
  /** While {@link settle} waits, when it ends. */
  #end = Number.POSITIVE_INFINITY;

  constructor(options: SlowQueueOptions<Item, Result>) {
    this.#options = options;
  }

  add(item: Item): void {
    const { timeoutMs, finish } = this.#options;
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ item, deadline: Date.now() + timeoutMs });
    else finish(item, { outcome: "dropped" });
  }

  start(): Promise<unknown> | undefined {
    while (this.#running.size < MAX_RUNNING) {
      const at = this.#waiting.findIndex(({ item }) => this.#options.isDue(item));
      const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (!next) break;
      const controller = new AbortController();
      const run: Promise<void> = this.#run(next, controller.signal).finally(() => {
        this.#running.delete(run);
        void this.start();
      });
      this.#running.set(run, () => controller.abort());
    }
    return this.#running.size > 0 ? Promise.all(this.#running.keys()) : undefined;
  }

  async settle(ms: number): Promise<void> {
    this.#end = Date.now() + ms;
    const until = performance.now() + ms;
    for (let left = ms, running = this.start(); running && left > 0; running = this.start()) {
      await settlesWithin(running, left);
      left = until - performance.now();
    }
    this.drop();
    this.#end = Number.POSITIVE_INFINITY;
  }

  drop(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { item } of waiting) this.#options.finish(item, { outcome: "dropped" });
    for (const abort of this.#running.values()) abort();
  }

  /** Never rejects; the item is finished as soon as the signal is aborted. */
  async #run(waiting: Waiting<Item>, signal: AbortSignal): Promise<void> {
    const deadline = Math.min(waiting.deadline, this.#end);
    const dropped = { outcome: "dropped" } as const;
    let isFinished = false;
    const finish: (result: Result | { outcome: "failed" | "dropped" }) => void = (result) => {
      if (!isFinished) this.#options.finish(waiting.item, result);
      isFinished = true;
    };
    signal.addEventListener("abort", () => finish(dropped));
    try {
      finish(Date.now() < deadline ? await this.#options.run(waiting.item, { signal, deadline }) : dropped);
    } catch {
      finish({ outcome: "failed" });
    }
  }
}
