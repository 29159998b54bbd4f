import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { type BreakerOptions, type BreakerState, CircuitBreaker } from "#async/breaker.ts";
import { itemsOf, type QueuedBatch, RetryQueue } from "./retry-queue.ts";
import { type ExportResponse, type Transport, UNSENT } from "./transport.ts";

/** Where batches come from. */
export interface Source<Batch> {
  /** What was recorded since the last call. @param final no flush follows: nothing may wait for a later one */
  collect(final: boolean): Promise<{ batch: Batch; items: number; selfTelemetry: boolean }[]>;
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

export interface OutboxOptions extends BreakerOptions {
  /** Size limit of the retry queue, in bytes. */
  limitBytes: number;
  observer?: ExportObserver;
}

/** What an exporter of one signal can be asked and told. */
export interface Exporter {
  readonly state: { exported: number; retained: number; dropped: number; breaker: BreakerState };
  /**
   * Sends what was recorded before the call, and the retry queue.
   *
   * @param final also sends while the breaker is open: no flush follows
   * @throws Error when not everything was accepted within `budgetMs`; the message is an `error.type` or names the limit
   */
  flush(budgetMs: number, final?: boolean): Promise<void>;
  close(): void;
}

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/** How an exporter empties its outbox. */
export interface Drain<Content> {
  /** Whether to go on; asked before each request. */
  goesOn(): boolean;
  /** Whether to send while the breaker is open, too. */
  isFinal(): boolean;
  /** Sends batches in one request. @returns the `error.type` of a failure */
  send(batches: readonly QueuedBatch<Content>[]): Promise<string | undefined>;
}

/**
 * What is to be sent of one signal: batches are collected into a retry queue, sent oldest first, and put back when that
 * fails. Delivery is at least once: when a response is lost, the collector gets the batch twice.
 */
export class Outbox<Batch, Content> {
  readonly breaker: CircuitBreaker;
  readonly #source: Source<Batch>;
  readonly #transport: Transport<Batch, Content>;
  readonly #observer: ExportObserver | undefined;
  readonly #queue: RetryQueue<Content>;
  /** The oldest so many batches were refused in one request: each is sent alone, to find the cause. */
  #suspects = 0;
  /** Requests so far, without those of self-telemetry alone. */
  #requests = 0;

  constructor(
    source: Source<Batch>,
    transport: Transport<Batch, Content>,
    { limitBytes, observer, ...options }: OutboxOptions,
  ) {
    this.#source = source;
    this.#transport = transport;
    this.#observer = observer;
    this.#queue = new RetryQueue(limitBytes);
    this.breaker = new CircuitBreaker(options);
  }

  get state(): Exporter["state"] {
    return { ...this.#queue.counts, breaker: this.breaker.state };
  }

  get requests(): number {
    return this.#requests;
  }

  /**
   * Sends what is queued and what was recorded, one request at a time, until all is sent, a request fails, or it is not to
   * go on.
   *
   * @throws Error when a request failed or the breaker is open; the message is an `error.type` or says so
   */
  async drain({ goesOn, isFinal, send }: Drain<Content>): Promise<void> {
    let collected = !this.#source.aggregates;
    if (collected) await this.#collect(isFinal());
    let failure: string | undefined;
    while (goesOn() && !(collected && this.#queue.isEmpty)) {
      if (!this.breaker.allowsRequest() && !isFinal()) throw new Error("circuit open");
      if (this.#queue.isEmpty) {
        collected = true;
        await this.#collect(isFinal());
        continue;
      }
      failure = (await send(this.#take())) ?? failure;
      if (this.breaker.state !== "closed" || failure === UNSENT) break;
    }
    if (failure !== undefined) throw new Error(failure);
  }

  /** Queues what was recorded, unless that aggregates in little space, where nothing can be sent now. */
  async keep(): Promise<void> {
    if (!this.#source.aggregates) await this.#collect(false);
  }

  /** Queues what was recorded since the last call. */
  async #collect(final: boolean): Promise<void> {
    for (const { batch, items, selfTelemetry } of await this.#source.collect(final)) {
      const serialized = this.#serialize(batch);
      if (serialized) this.#queue.add({ ...serialized, items, selfTelemetry });
      else {
        this.#queue.drop(items);
        this.#itemsFinished(items, "unserializable");
      }
    }
  }

  /** Removes the oldest batches, for one request. */
  #take(): QueuedBatch<Content>[] {
    const alone = this.#suspects > 0 || this.breaker.state === "half_open";
    return this.#queue.take(alone ? 0 : this.#transport.maxRequestBytes);
  }

  putBack(batches: readonly QueuedBatch<Content>[]): void {
    this.#queue.requeue(batches);
  }

  /**
   * Sends batches in one request.
   *
   * @param isOurs whether what the response says of them still counts, when it is there
   * @returns the `error.type` of a failure
   */
  async send(batches: readonly QueuedBatch<Content>[], isOurs = () => true): Promise<string | undefined> {
    const isObserved = batches.some(({ selfTelemetry }) => !selfTelemetry);
    if (isObserved) this.#requests += 1;
    const started = performance.now();
    const response = await context.with(UNTRACED, () => this.#transport.send(batches.map(({ content }) => content)));
    if (!isOurs()) return undefined;
    const failure = this.#handleResponse(batches, response);
    if (isObserved) this.#observer?.requestEnded((performance.now() - started) / 1_000, failure);
    return failure;
  }

  /** Drops the oldest batches until the queue is within its limit. */
  evict(): void {
    this.#itemsFinished(observedItems(this.#queue.evictOldest()), "retention_full");
  }

  /** @param seconds that it took; absent when it sent nothing but self-telemetry */
  flushEnded(seconds?: number): void {
    if (seconds !== undefined) this.#observer?.flushEnded(seconds);
    this.#observer?.stateChanged(observedItems(this.#queue.markDelayed()), this.breaker.state);
  }

  close(): void {
    this.#transport.close();
  }

  #serialize(batch: Batch): { content: Content; bytes: number } | undefined {
    try {
      return this.#transport.serialize(batch);
    } catch {
      return undefined;
    }
  }

  /** @returns the `error.type` of a failure */
  #handleResponse(batches: readonly QueuedBatch<Content>[], response: ExportResponse): string | undefined {
    this.#suspects = Math.max(0, this.#suspects - batches.length);
    if (response.status === "success") {
      this.breaker.recordSuccess();
      const rejected = Math.min(response.rejected, itemsOf(batches));
      this.#queue.acknowledge(batches, rejected);
      const observed = observedItems(batches);
      this.#itemsFinished(Math.max(0, observed - rejected));
      this.#itemsFinished(Math.min(rejected, observed), "rejected");
      return rejected > 0 ? "rejected" : undefined;
    }

    const { status, reason } = response;
    if (status === "unsent") {
      this.#queue.requeue(batches);
      return reason;
    }
    const endpointHealthy = status === "failure" && response.endpointHealthy;
    if (endpointHealthy) this.breaker.recordSuccess();
    else this.breaker.recordFailure(status === "retryable" ? response.retryAfterMs : undefined);

    if (status === "failure" && batches.length === 1) {
      this.#queue.acknowledge(batches, itemsOf(batches));
      this.#itemsFinished(observedItems(batches), reason);
      return reason;
    }
    if (status === "failure") this.#suspects = batches.length;
    this.#queue.requeue(batches);
    return endpointHealthy ? undefined : reason;
  }

  #itemsFinished(items: number, errorType?: string): void {
    if (items > 0) this.#observer?.itemsFinished(items, errorType);
  }
}

/** Items without those of self-telemetry. */
function observedItems(batches: readonly QueuedBatch<unknown>[]): number {
  return itemsOf(batches.filter(({ selfTelemetry }) => !selfTelemetry));
}
