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
  collect(): Promise<{ batch: Batch; items: number; selfTelemetry: boolean }[]>;
  /** Whether recordings aggregate in little space: they are then not collected while nothing can be sent. */
  readonly aggregates: boolean;
}

/** Called with what happens, except to batches of self-telemetry. */
export interface ExportObserver {
  /** Items that were accepted, or with an `error.type` items that were dropped. */
  itemsFinished(items: number, errorType?: string): void;
  requestEnded(seconds: number, errorType?: string): void;
  flushEnded(seconds: number): void;
  /** After every flush. @param newlyRetained items that this flush did not send, and that no earlier flush had delayed */
  stateChanged(newlyRetained: number, breaker: BreakerState): void;
}

export interface RetryingExporterOptions extends BreakerOptions {
  /** Size limit of the retry queue, in bytes. */
  limitBytes: number;
  observer?: ExportObserver;
}

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/** How long a flush waits for a half-open breaker's probe: its response may as well be read after a freeze. */
const PROBE_WAIT_MS = 50;

/**
 * Exports batches oldest first, one request at a time, and only while a flush waits. Failed batches stay in the retry
 * queue until a later flush. Delivery is at least once: when a response is lost, the collector gets the batch twice.
 *
 * A flush that runs out of time leaves its request in flight. No other request starts meanwhile; its response, even one
 * that is read after a freeze, decides what happens to its batches.
 */
export class RetryingExporter<Batch, Content> {
  readonly #source: Source<Batch>;
  readonly #transport: Transport<Batch, Content>;
  readonly #observer: ExportObserver | undefined;
  readonly #queue: RetryQueue<Content>;
  readonly #breaker: CircuitBreaker;
  readonly #exportOnce = singleFlight(() => this.#export());
  #requestsInFlight = 0;
  #waitingFlushes = 0;
  /** The oldest so many batches were refused in one request: each is sent alone, to find the cause. */
  #suspects = 0;
  /** Requests so far, without those of self-telemetry alone. */
  #requests = 0;
  #isFinal = false;

  constructor(
    source: Source<Batch>,
    transport: Transport<Batch, Content>,
    { limitBytes, observer, ...options }: RetryingExporterOptions,
  ) {
    this.#source = source;
    this.#transport = transport;
    this.#observer = observer;
    this.#queue = new RetryQueue(limitBytes);
    this.#breaker = new CircuitBreaker(options);
  }

  get state() {
    return { ...this.#queue.counts, breaker: this.#breaker.state };
  }

  /**
   * Sends what was recorded before the call, and the retry queue.
   *
   * @param final also sends while the breaker is open: no flush follows
   * @throws Error when not everything was accepted within `budgetMs`; the message is an `error.type` or names the limit
   */
  async flush(budgetMs: number, final = false): Promise<void> {
    this.#isFinal ||= final;
    const hasUnanswered = this.#requestsInFlight > 0 && this.#waitingFlushes === 0;
    if (hasUnanswered && !final) {
      if (!this.#source.aggregates) await this.#collect();
      this.#evict();
      throw new Error("no response yet to an earlier export");
    }
    const started = performance.now();
    const requests = this.#requests;
    const waitMs = final || this.#breaker.state === "closed" ? budgetMs : Math.min(budgetMs, PROBE_WAIT_MS);
    this.#waitingFlushes += 1;
    try {
      // A final flush does not wait behind a request that may never get a response.
      await withTimeLimit({ ms: waitMs }, () =>
        hasUnanswered ? Promise.all([this.#export(), this.#exportOnce()]).then(() => {}) : this.#exportOnce(),
      );
    } finally {
      this.#waitingFlushes -= 1;
      const timedOut = this.#waitingFlushes === 0 && this.#requestsInFlight > 0;
      if (timedOut && this.#breaker.state !== "open") this.#breaker.recordFailure();
      if (this.#requests > requests) this.#observer?.flushEnded((performance.now() - started) / 1_000);
      this.#observer?.stateChanged(observedItems(this.#queue.markDelayed()), this.#breaker.state);
    }
  }

  close(): void {
    this.#transport.close();
  }

  async #export(): Promise<void> {
    try {
      let collected = !this.#source.aggregates;
      if (collected) await this.#collect();
      let failure: string | undefined;
      while (this.#waitingFlushes > 0 && !(collected && this.#queue.isEmpty)) {
        if (!this.#breaker.allowsRequest() && !this.#isFinal) throw new Error("circuit open");
        if (this.#queue.isEmpty) {
          collected = true;
          await this.#collect();
          continue;
        }
        failure = (await this.#sendOldest()) ?? failure;
        if (this.#breaker.state !== "closed") break;
      }
      if (failure !== undefined) throw new Error(failure);
    } finally {
      this.#evict();
    }
  }

  async #collect(): Promise<void> {
    for (const { batch, items, selfTelemetry } of await this.#source.collect()) {
      const serialized = this.#serialize(batch);
      if (serialized) this.#queue.add({ ...serialized, items, selfTelemetry });
      else {
        this.#queue.drop(items);
        this.#itemsFinished(items, "unserializable");
      }
    }
  }

  #serialize(batch: Batch): { content: Content; bytes: number } | undefined {
    try {
      return this.#transport.serialize(batch);
    } catch {
      return undefined;
    }
  }

  /** @returns the `error.type` of a failure */
  async #sendOldest(): Promise<string | undefined> {
    const alone = this.#suspects > 0 || this.#breaker.state === "half_open";
    const batches = this.#queue.take(alone ? 0 : this.#transport.maxRequestBytes);
    const isObserved = batches.some(({ selfTelemetry }) => !selfTelemetry);
    if (isObserved) this.#requests += 1;
    const started = performance.now();
    this.#requestsInFlight += 1;
    const response = await context.with(UNTRACED, () => this.#transport.send(batches.map(({ content }) => content)));
    this.#requestsInFlight -= 1;
    const failure = this.#handleResponse(batches, response);
    if (isObserved) this.#observer?.requestEnded((performance.now() - started) / 1_000, failure);
    return failure;
  }

  /** @returns the `error.type` of a failure */
  #handleResponse(batches: readonly QueuedBatch<Content>[], response: ExportResponse): string | undefined {
    this.#suspects = Math.max(0, this.#suspects - batches.length);
    if (response.status === "success") {
      this.#breaker.recordSuccess();
      const rejected = Math.min(response.rejected, itemsOf(batches));
      this.#queue.acknowledge(batches, rejected);
      const observed = observedItems(batches);
      this.#itemsFinished(Math.max(0, observed - rejected));
      this.#itemsFinished(Math.min(rejected, observed), "rejected");
      return rejected > 0 ? "rejected" : undefined;
    }

    const { status, reason } = response;
    const endpointHealthy = status === "failure" && response.endpointHealthy;
    if (endpointHealthy) this.#breaker.recordSuccess();
    else this.#breaker.recordFailure(status === "retryable" ? response.retryAfterMs : undefined);

    if (status === "failure" && batches.length === 1) {
      this.#queue.acknowledge(batches, itemsOf(batches));
      this.#itemsFinished(observedItems(batches), reason);
      return reason;
    }
    if (status === "failure") this.#suspects = batches.length;
    this.#queue.requeue(batches);
    return endpointHealthy ? undefined : reason;
  }

  #evict(): void {
    this.#itemsFinished(observedItems(this.#queue.evictOldest()), "retention_full");
  }

  #itemsFinished(items: number, errorType?: string): void {
    if (items > 0) this.#observer?.itemsFinished(items, errorType);
  }
}

/** Items without those of self-telemetry. */
function observedItems(batches: readonly QueuedBatch<unknown>[]): number {
  return itemsOf(batches.filter(({ selfTelemetry }) => !selfTelemetry));
}
