/** One batch on its way out: what is sent, and what it counts for. */
export interface Parcel<Content> {
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
export class Spool<Content> {
  readonly #limitBytes: number;
  #waiting: Parcel<Content>[] = [];
  #bytes = 0;
  #exported = 0;
  #retained = 0;
  #dropped = 0;

  /** @param limitBytes of what waits after a {@link trim} */
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

  add(parcel: Parcel<Content>): void {
    this.#waiting.push(parcel);
    this.#bytes += parcel.bytes;
    this.#retained += parcel.items;
  }

  /** Takes the oldest parcels, of `maxBytes` together and at least one. {@link settle} or {@link putBack} follows. */
  take(maxBytes: number): Parcel<Content>[] {
    let count = 0;
    let bytes = 0;
    for (const parcel of this.#waiting) {
      bytes += parcel.bytes;
      if (count > 0 && bytes > maxBytes) break;
      count += 1;
    }
    const oldest = this.#waiting.splice(0, count);
    this.#bytes -= bytesOf(oldest);
    return oldest;
  }

  /** Parcels that need not be sent again. @param lost how many of their items did not arrive */
  settle(parcels: readonly Parcel<Content>[], lost: number): void {
    const items = itemsOf(parcels);
    this.#retained -= items;
    this.#dropped += lost;
    this.#exported += items - lost;
  }

  /** Items that could not even be packed. */
  lose(items: number): void {
    this.#dropped += items;
  }

  /** Parcels to be sent again. */
  putBack(parcels: readonly Parcel<Content>[]): void {
    this.#waiting.unshift(...parcels);
    this.#bytes += bytesOf(parcels);
  }

  /** Called when a flush ends. @returns what waits now and had not before */
  rest(): Parcel<Content>[] {
    const late = this.#waiting.filter(({ waited }) => !waited);
    for (const parcel of late) parcel.waited = true;
    return late;
  }

  /** Drops the oldest until what waits is within the limit. @returns what was dropped */
  trim(): Parcel<Content>[] {
    let count = 0;
    for (const { bytes } of this.#waiting) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#bytes -= bytes;
      count += 1;
    }
    const oldest = this.#waiting.splice(0, count);
    this.settle(oldest, itemsOf(oldest));
    return oldest;
  }
}

export function itemsOf(parcels: readonly { items: number }[]): number {
  return parcels.reduce((sum, { items }) => sum + items, 0);
}

function bytesOf(parcels: readonly { bytes: number }[]): number {
  return parcels.reduce((sum, { bytes }) => sum + bytes, 0);
}
