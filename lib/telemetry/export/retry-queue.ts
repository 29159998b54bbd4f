/** A serialized batch in the queue. */
export interface QueuedBatch<Content> {
  readonly content: Content;
  /** Spans or data points. */
  readonly items: number;
  readonly bytes: number;
  /** Whether it only holds metrics about telemetry itself. */
  readonly selfTelemetry: boolean;
  /** Whether a flush ended without sending it. */
  delayed?: boolean;
}

/**
 * Batches that were not delivered yet, oldest first. At every moment, each item ever added is counted as exported,
 * retained or dropped.
 */
export class RetryQueue<Content> {
  readonly #limitBytes: number;
  #batches: QueuedBatch<Content>[] = [];
  #bytes = 0;
  #exported = 0;
  #retained = 0;
  #dropped = 0;

  /** @param limitBytes of the queue after {@link evictOldest} */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Items by state; those in a request count as retained. */
  get counts(): { exported: number; retained: number; dropped: number } {
    return { exported: this.#exported, retained: this.#retained, dropped: this.#dropped };
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  add(batch: QueuedBatch<Content>): void {
    this.#batches.push(batch);
    this.#bytes += batch.bytes;
    this.#retained += batch.items;
  }

  /** Removes the oldest batches: at least one, and up to `maxBytes`. Follow with {@link acknowledge} or {@link requeue}. */
  take(maxBytes: number): QueuedBatch<Content>[] {
    let count = 0;
    let bytes = 0;
    for (const batch of this.#batches) {
      bytes += batch.bytes;
      if (count > 0 && bytes > maxBytes) break;
      count += 1;
    }
    const oldest = this.#batches.splice(0, count);
    this.#bytes -= bytesOf(oldest);
    return oldest;
  }

  /** Batches that are done. @param dropped how many of their items were not accepted */
  acknowledge(batches: readonly QueuedBatch<Content>[], dropped: number): void {
    const items = itemsOf(batches);
    this.#retained -= items;
    this.#dropped += dropped;
    this.#exported += items - dropped;
  }

  /** Counts items that could not be serialized. */
  drop(items: number): void {
    this.#dropped += items;
  }

  /** Puts batches back to be sent again. */
  requeue(batches: readonly QueuedBatch<Content>[]): void {
    this.#batches.unshift(...batches);
    this.#bytes += bytesOf(batches);
  }

  /** Called when a flush ends. @returns batches that it did not send, and that no earlier flush had delayed */
  markDelayed(): QueuedBatch<Content>[] {
    const late = this.#batches.filter(({ delayed }) => !delayed);
    for (const batch of late) batch.delayed = true;
    return late;
  }

  /** Drops the oldest batches until the queue is within its limit. @returns what was dropped */
  evictOldest(): QueuedBatch<Content>[] {
    let count = 0;
    for (const { bytes } of this.#batches) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#bytes -= bytes;
      count += 1;
    }
    const oldest = this.#batches.splice(0, count);
    this.acknowledge(oldest, itemsOf(oldest));
    return oldest;
  }
}

export function itemsOf(batches: readonly { items: number }[]): number {
  return batches.reduce((sum, { items }) => sum + items, 0);
}

function bytesOf(batches: readonly { bytes: number }[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes, 0);
}
