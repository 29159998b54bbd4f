/** One batch on its way out: what is sent, and what it counts for. */
export interface QueuedBatch<Content> {
  readonly content: Content;
  /** Spans or data points. */
  readonly items: number;
  readonly bytes: number;
  /** Whether it holds only what telemetry says about itself. */
  readonly own: boolean;
  /** Whether a flush has left it waiting. */
  waited?: boolean;
}

/**
 * Parcels that were not delivered yet, oldest first. Every item that was ever added is exported, retained or dropped,
 * at every moment.
 */
export class RetryQueue<Content> {
  readonly #limitBytes: number;
  #waiting: QueuedBatch<Content>[] = [];
  #bytes = 0;
  #exported = 0;
  #retained = 0;
  #dropped = 0;

  /** @param limitBytes of what waits after a {@link evictOldest} */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Items, by what became of them; what is under way counts as retained. */
  get counts(): { exported: number; retained: number; dropped: number } {
    return { exported: this.#exported, retained: this.#retained, dropped: this.#dropped };
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(batch: QueuedBatch<Content>): void {
    this.#waiting.push(batch);
    this.#bytes += batch.bytes;
    this.#retained += batch.items;
  }

  /** Takes the oldest batches, of `maxBytes` together and at least one. {@link acknowledge} or {@link requeue} follows. */
  take(maxBytes: number): QueuedBatch<Content>[] {
    let count = 0;
    let bytes = 0;
    for (const batch of this.#waiting) {
      bytes += batch.bytes;
      if (count > 0 && bytes > maxBytes) break;
      count += 1;
    }
    const oldest = this.#waiting.splice(0, count);
    this.#bytes -= bytesOf(oldest);
    return oldest;
  }

  /** Parcels that need not be sent again. @param lost how many of their items did not arrive */
  acknowledge(batches: readonly QueuedBatch<Content>[], lost: number): void {
    const items = itemsOf(batches);
    this.#retained -= items;
    this.#dropped += lost;
    this.#exported += items - lost;
  }

  /** Items that could not even be packed. */
  lose(items: number): void {
    this.#dropped += items;
  }

  /** Parcels to be sent again. */
  requeue(batches: readonly QueuedBatch<Content>[]): void {
    this.#waiting.unshift(...batches);
    this.#bytes += bytesOf(batches);
  }

  /** Called when a flush ends. @returns what waits now and had not before */
  rest(): QueuedBatch<Content>[] {
    const late = this.#waiting.filter(({ waited }) => !waited);
    for (const batch of late) batch.waited = true;
    return late;
  }

  /** Drops the oldest until what waits is within the limit. @returns what was dropped */
  evictOldest(): QueuedBatch<Content>[] {
    let count = 0;
    for (const { bytes } of this.#waiting) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#bytes -= bytes;
      count += 1;
    }
    const oldest = this.#waiting.splice(0, count);
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
