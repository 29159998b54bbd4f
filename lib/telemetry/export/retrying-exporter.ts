import { singleFlight } from "#async/single-flight.ts";
import { withTimeLimit } from "#async/time-limit.ts";
import { type Exporter, Outbox, type OutboxOptions, type Source } from "./outbox.ts";
import type { Transport } from "./transport.ts";

/** How long a flush waits for a half-open breaker's probe: its response may as well be read after a freeze. */
const PROBE_WAIT_MS = 50;

/**
 * Exports batches oldest first, one request at a time, and only while a flush waits. Failed batches stay in the retry
 * queue until a later flush.
 *
 * A flush that runs out of time leaves its request in flight. No other request starts meanwhile; its response, even one
 * that is read after a freeze, decides what happens to its batches.
 */
export class RetryingExporter<Batch, Content> implements Exporter {
  readonly #outbox: Outbox<Batch, Content>;
  readonly #exportOnce = singleFlight(() => this.#export());
  #requestsInFlight = 0;
  #waitingFlushes = 0;
  #isFinal = false;

  constructor(source: Source<Batch>, transport: Transport<Batch, Content>, options: OutboxOptions) {
    this.#outbox = new Outbox(source, transport, options);
  }

  get state(): Exporter["state"] {
    return this.#outbox.state;
  }

  async flush(budgetMs: number, final = false): Promise<void> {
    const outbox = this.#outbox;
    this.#isFinal ||= final;
    const hasUnanswered = this.#requestsInFlight > 0 && this.#waitingFlushes === 0;
    if (hasUnanswered && !final) {
      await outbox.keep();
      outbox.evict();
      throw new Error("no response yet to an earlier export");
    }
    const started = performance.now();
    const { requests } = outbox;
    const waitMs = final || outbox.breaker.state === "closed" ? budgetMs : Math.min(budgetMs, PROBE_WAIT_MS);
    this.#waitingFlushes += 1;
    try {
      // A final flush does not wait behind a request that may never get a response.
      await withTimeLimit({ ms: waitMs }, () =>
        hasUnanswered ? Promise.all([this.#export(), this.#exportOnce()]).then(() => {}) : this.#exportOnce(),
      );
    } finally {
      this.#waitingFlushes -= 1;
      const timedOut = this.#waitingFlushes === 0 && this.#requestsInFlight > 0;
      if (timedOut && outbox.breaker.state !== "open") outbox.breaker.recordFailure();
      outbox.flushEnded(outbox.requests > requests ? (performance.now() - started) / 1_000 : undefined);
    }
  }

  close(): void {
    this.#outbox.close();
  }

  async #export(): Promise<void> {
    try {
      await this.#outbox.drain({
        goesOn: () => this.#waitingFlushes > 0,
        isFinal: () => this.#isFinal,
        send: (batches) => {
          this.#requestsInFlight += 1;
          return this.#outbox.send(batches).finally(() => this.#requestEnded());
        },
      });
    } finally {
      this.#outbox.evict();
    }
  }

  #requestEnded(): void {
    this.#requestsInFlight -= 1;
  }
}
