/**
 * How FTS5 stores where a term occurs, in pages of about 4 KB: the comment "Details" in
 * https://sqlite.org/src/file/ext/fts5/fts5_index.c. The list of a term begins on the page that has the term, and may
 * continue on any number of others. It has rows in ascending order, and for each the positions of the term.
 */

/** A page begins with two numbers of 16 bits: where the first row before any term is, and where the footer is. */
const HEADER_BYTES = 4;
/** Of a byte of a varint: greater ones say that another follows. */
const MAX_BYTE = 0x7f;
/** Comes before the number of a column; positions are greater. */
const COLUMN_FOLLOWS = 1;

/** The part of a list that is on one page. */
export interface Part {
  start: number;
  /** Where the first row begins; before it there may be positions of the last row of the page before. */
  firstRow: number;
  end: number;
  /** Whether the list ends on this page. */
  isLast: boolean;
}

/** Reads varints below 2^53: https://sqlite.org/fileformat.html#varint. */
export class Varints {
  /** Offset of the next one. */
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  next(): number {
    let value = 0;
    let byte: number;
    do {
      byte = this.#bytes[this.at] ?? 0;
      this.at += 1;
      value = value * (MAX_BYTE + 1) + (byte & MAX_BYTE);
    } while (byte > MAX_BYTE);
    return value;
  }
}

/** Where the list of a term begins on a page; `undefined` when the page does not have the term. */
export function firstPart(page: Uint8Array, term: Uint8Array): Part | undefined {
  const footer = uint16(page, 2);
  const offsets = new Varints(page, footer);
  let offset = 0;
  let matched = 0;
  while (offsets.at < page.length) {
    const isFirst = offset === 0;
    offset += offsets.next();
    const stored = new Varints(page, offset);
    // Terms are in order, each without the bytes that it has in common with the one before.
    const common = isFirst ? 0 : stored.next();
    const added = stored.next();
    if (common < matched) return undefined;
    if (common > matched) continue;
    const first = stored.at - matched;
    while (matched < common + added && page[first + matched] === term[matched]) matched += 1;
    if (matched < common + added || matched < term.length) continue;
    const start = first + matched;
    const isLast = offsets.at < page.length;
    return { start, firstRow: start, end: isLast ? offset + offsets.next() : footer, isLast };
  }
  return undefined;
}

/** Where a list continues that did not end on the page before. */
export function nextPart(page: Uint8Array): Part {
  const footer = uint16(page, 2);
  const isLast = footer < page.length;
  const end = isLast ? new Varints(page, footer).next() : footer;
  return { start: HEADER_BYTES, firstRow: uint16(page, 0) || end, end, isLast };
}

function uint16(page: Uint8Array, at: number): number {
  return ((page[at] ?? 0) << 8) | (page[at + 1] ?? 0);
}

/** Reads the parts of one list in order. */
export class Doclist {
  readonly #weights: readonly number[];
  readonly #onRow: (row: number, frequency: number) => void;
  /** The last row of a part, when its positions continue on the next page. */
  #unfinished: { row: number; positions: Uint8Array; length: number } | undefined;

  /**
   * @param weights by column: what a position in it adds to the frequency
   * @param onRow is called for each row; with a frequency of 0 for a deleted one
   */
  constructor(weights: readonly number[], onRow: (row: number, frequency: number) => void) {
    this.#weights = weights;
    this.#onRow = onRow;
  }

  // Half the time of a search by words is spent here: with `Varints` it takes longer.
  read(page: Uint8Array, { start, firstRow, end }: Part): void {
    this.#finish(page.subarray(start, firstRow));
    let row = 0; // the first one is stored as a number, the others as differences
    let at = firstRow;
    while (at < end) {
      let byte = page[at++] as number;
      let value = byte & MAX_BYTE;
      while (byte > MAX_BYTE) {
        byte = page[at++] as number;
        value = value * (MAX_BYTE + 1) + (byte & MAX_BYTE);
      }
      row += value;
      byte = page[at++] as number;
      value = byte & MAX_BYTE;
      while (byte > MAX_BYTE) {
        byte = page[at++] as number;
        value = value * (MAX_BYTE + 1) + (byte & MAX_BYTE);
      }
      const length = value >> 1; // the lowest bit says whether an earlier version of the row was deleted
      if (at + length > end) {
        this.#unfinished = { row, positions: new Uint8Array(length), length: 0 };
        this.#finish(page.subarray(at, end));
        return;
      }
      this.#onRow(row, frequencyOf(page, at, at + length, this.#weights));
      at += length;
    }
  }

  #finish(bytes: Uint8Array): void {
    if (!this.#unfinished) return;
    const { row, positions, length } = this.#unfinished;
    positions.set(bytes, length);
    this.#unfinished.length += bytes.length;
    if (this.#unfinished.length < positions.length) return;
    this.#unfinished = undefined;
    this.#onRow(row, frequencyOf(positions, 0, positions.length, this.#weights));
  }
}

/** The sum of the weights of the columns of all positions, each a varint. The first column has no number. */
function frequencyOf(bytes: Uint8Array, start: number, end: number, weights: readonly number[]): number {
  let frequency = 0;
  let weight = weights[0] as number;
  let at = start;
  while (at < end) {
    let byte = bytes[at++] as number;
    if (byte === COLUMN_FOLLOWS) {
      weight = weights[bytes[at++] as number] as number;
      continue;
    }
    while (byte > MAX_BYTE) byte = bytes[at++] as number;
    frequency += weight;
  }
  return frequency;
}
