import { withTimeLimit } from "#async/time-limit.ts";
import { type Exporter, Outbox, type OutboxOptions, type Source } from "./outbox.ts";
import type { QueuedBatch } from "./retry-queue.ts";
import type { Transport } from "./transport.ts";

export interface LeasingExporterOptions extends OutboxOptions {
  /** Milliseconds after which the batches of a request that has no response are sent again: longer than a request takes. */
  leaseMs: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

interface Lease<Content> {
  batches: readonly QueuedBatch<Content>[];
  until: number;
}

/**
 * Exports batches where a promise belongs to the request that made it, and is never settled once the platform has ended that
 * request, as in Cloudflare's workerd: no flush waits for another. Each takes what is queued, under a lease. The batches of a
 * flush that was killed come back when their lease ends, with the next flush.
 */
export class LeasingExporter<Batch, Content> implements Exporter {
  readonly #outbox: Outbox<Batch, Content>;
  readonly #leaseMs: number;
  readonly #now: () => number;
  readonly #leases = new Set<Lease<Content>>();

  constructor(
    source: Source<Batch>,
    transport: Transport<Batch, Content>,
    { leaseMs, now = Date.now, ...options }: LeasingExporterOptions,
  ) {
    this.#outbox = new Outbox(source, transport, { ...options, now });
    this.#leaseMs = leaseMs;
    this.#now = now;
  }

  get state(): Exporter["state"] {
    return this.#outbox.state;
  }

  async flush(budgetMs: number, final = false): Promise<void> {
    const started = performance.now();
    const { requests } = this.#outbox;
    this.#reclaim();
    try {
      await withTimeLimit({ ms: budgetMs }, (signal) =>
        this.#outbox.drain({
          goesOn: () => !signal.aborted,
          isFinal: () => final,
          send: (batches) => this.#sendUnderLease(batches),
        }),
      );
    } finally {
      this.#outbox.evict();
      this.#outbox.flushEnded(this.#outbox.requests > requests ? (performance.now() - started) / 1_000 : undefined);
    }
  }

  close(): void {
    this.#outbox.close();
  }

  async #sendUnderLease(batches: readonly QueuedBatch<Content>[]): Promise<string | undefined> {
    const lease = { batches, until: this.#now() + this.#leaseMs };
    this.#leases.add(lease);
    return this.#outbox.send(batches, () => this.#leases.delete(lease));
  }

  /** Queues again what leases that have ended hold. */
  #reclaim(): void {
    for (const lease of this.#leases) {
      if (this.#now() < lease.until) continue;
      this.#leases.delete(lease);
      this.#outbox.putBack(lease.batches);
    }
  }
}
