import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { type BreakerOptions, type BreakerState, CircuitBreaker } from "#async/breaker.ts";
import { singleFlight } from "#async/single-flight.ts";
import { withTimeLimit } from "#async/time-limit.ts";
import { itemsOf, type QueuedBatch, RetryQueue } from "./retry-queue.ts";
import type { ExportResponse, Transport } from "./transport.ts";

/** Where batches come from. */
export interface Source<Batch> {
  /** What was recorded since the last call. */
  gather(): Promise<{ batch: Batch; items: number; own: boolean }[]>;
  /** Whether what is not gathered goes on adding up in little space: then it stays there while nothing can be sent. */
  readonly accumulates: boolean;
}

/** Is told what happens, except to batches that hold only what it reported itself. */
export interface ExportObserver {
  /** Items that arrived, or that did not and never will. */
  finished(items: number, errorType?: string): void;
  attempted(seconds: number, errorType?: string): void;
  flushed(seconds: number): void;
  /** After every flush. @param late items that wait for a later one and had not before */
  rested(late: number, breaker: BreakerState): void;
}

export interface RetryingExporterOptions extends BreakerOptions {
  /** What may wait, in bytes. */
  limitBytes: number;
  log?: ExportObserver;
}

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/** How long a flush waits for a probe: its answer may as well be seen after the thaw. */
const PROBE_PATIENCE_MS = 50;

/**
 * Delivers batches, oldest first, one request at a time, and only while a flush waits for it. What fails is kept and
 * sent again by a later flush, at least once: after an answer that was lost on its way, a collector sees a batch twice.
 *
 * A flush that runs out of time leaves its request under way. The request stays the only one; its answer, seen after
 * a freeze even, decides what becomes of its batch.
 */
export class RetryingExporter<Batch, Content> {
  readonly #source: Source<Batch>;
  readonly #channel: Transport<Batch, Content>;
  readonly #log: ExportObserver | undefined;
  readonly #spool: RetryQueue<Content>;
  readonly #breaker: CircuitBreaker;
  readonly #run = singleFlight(() => this.#deliver());
  #underWay = 0;
  /** Flushes that wait. */
  #waiting = 0;
  /** The oldest so many batches were refused together: one of them may be the reason. */
  #suspects = 0;
  /** Requests so far that held more than what telemetry says about itself. */
  #requests = 0;
  #last = false;

  constructor(
    source: Source<Batch>,
    channel: Transport<Batch, Content>,
    { limitBytes, log, ...options }: RetryingExporterOptions,
  ) {
    this.#source = source;
    this.#channel = channel;
    this.#log = log;
    this.#spool = new RetryQueue(limitBytes);
    this.#breaker = new CircuitBreaker(options);
  }

  get state() {
    return { ...this.#spool.counts, breaker: this.#breaker.state };
  }

  /**
   * Sends what was recorded before the call and what waited.
   *
   * @param last asks a collector that is given up, too: nothing comes after
   * @throws Error when not all of it arrived within `budgetMs`; the message is an `error.type` or speaks of the time
   */
  async flush(budgetMs: number, last = false): Promise<void> {
    this.#last ||= last;
    const unanswered = this.#underWay > 0 && this.#waiting === 0;
    if (unanswered && !last) {
      if (!this.#source.accumulates) await this.#gather();
      this.#evictOldest();
      throw new Error("no answer yet to an earlier export");
    }
    const started = performance.now();
    const requests = this.#requests;
    const patience = last || this.#breaker.state === "closed" ? budgetMs : Math.min(budgetMs, PROBE_PATIENCE_MS);
    this.#waiting += 1;
    try {
      // The last flush does not stand behind a request that may never be answered.
      await withTimeLimit({ ms: patience }, () =>
        unanswered ? Promise.all([this.#deliver(), this.#run()]).then(() => {}) : this.#run(),
      );
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0 && this.#underWay > 0 && this.#breaker.state !== "open") this.#breaker.recordFailure();
      if (this.#requests > requests) this.#log?.flushed((performance.now() - started) / 1_000);
      this.#log?.rested(reportedOf(this.#spool.rest()), this.#breaker.state);
    }
  }

  close(): void {
    this.#channel.close();
  }

  async #deliver(): Promise<void> {
    try {
      let gathered = !this.#source.accumulates;
      if (gathered) await this.#gather();
      let failure: string | undefined;
      while (this.#waiting > 0 && !(gathered && this.#spool.isEmpty)) {
        if (!this.#breaker.allowsRequest() && !this.#last) throw new Error("breaker open");
        if (this.#spool.isEmpty) {
          gathered = true;
          await this.#gather();
          continue;
        }
        failure = (await this.#attempt()) ?? failure;
        if (this.#breaker.state !== "closed") break;
      }
      if (failure !== undefined) throw new Error(failure);
    } finally {
      this.#evictOldest();
    }
  }

  async #gather(): Promise<void> {
    for (const { batch, items, own } of await this.#source.gather()) {
      const packed = this.#pack(batch);
      if (packed) this.#spool.add({ ...packed, items, own });
      else {
        this.#spool.lose(items);
        this.#finished(items, "unserializable");
      }
    }
  }

  #pack(batch: Batch): { content: Content; bytes: number } | undefined {
    try {
      return this.#channel.pack(batch);
    } catch {
      return undefined;
    }
  }

  /** @returns what went wrong */
  async #attempt(): Promise<string | undefined> {
    const alone = this.#suspects > 0 || this.#breaker.state === "half_open";
    const batches = this.#spool.take(alone ? 0 : this.#channel.mergeBytes);
    const noteworthy = batches.some(({ own }) => !own);
    if (noteworthy) this.#requests += 1;
    const started = performance.now();
    this.#underWay += 1;
    const answer = await context.with(UNTRACED, () => this.#channel.send(batches.map(({ content }) => content)));
    this.#underWay -= 1;
    const failure = this.#conclude(batches, answer);
    if (noteworthy) this.#log?.attempted((performance.now() - started) / 1_000, failure);
    return failure;
  }

  /** @returns what went wrong, for good or for now */
  #conclude(batches: readonly QueuedBatch<Content>[], answer: ExportResponse): string | undefined {
    this.#suspects = Math.max(0, this.#suspects - batches.length);
    if (answer.outcome === "accepted") {
      this.#breaker.recordSuccess();
      const lost = Math.min(answer.rejected, itemsOf(batches));
      this.#spool.acknowledge(batches, lost);
      const reported = reportedOf(batches);
      this.#finished(Math.max(0, reported - lost));
      this.#finished(Math.min(lost, reported), "rejected");
      return lost > 0 ? "rejected" : undefined;
    }

    const { outcome, reason } = answer;
    const healthy = outcome === "refused" && answer.healthy;
    if (healthy) this.#breaker.recordSuccess();
    else this.#breaker.recordFailure(outcome === "unavailable" ? answer.retryAfterMs : undefined);

    if (outcome === "refused" && batches.length === 1) {
      this.#spool.acknowledge(batches, itemsOf(batches));
      this.#dropped(batches, reason);
      return reason;
    }
    if (outcome === "refused") this.#suspects = batches.length;
    this.#spool.requeue(batches);
    return healthy ? undefined : reason;
  }

  #evictOldest(): void {
    this.#dropped(this.#spool.evictOldest(), "retention_full");
  }

  #dropped(batches: readonly QueuedBatch<Content>[], reason: string): void {
    this.#finished(reportedOf(batches), reason);
  }

  #finished(items: number, errorType?: string): void {
    if (items > 0) this.#log?.finished(items, errorType);
  }
}

/** Items that are more than what telemetry says about itself. */
function reportedOf(batches: readonly QueuedBatch<unknown>[]): number {
  return itemsOf(batches.filter(({ own }) => !own));
}
