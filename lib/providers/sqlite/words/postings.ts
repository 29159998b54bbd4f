import type { DatabaseSync } from "node:sqlite";
import { statementCache } from "#providers/sqlite/statements.ts";
import { Doclist, firstPart, nextPart, Varints } from "./doclist.ts";

/** The chunks that have a term. */
export interface Postings {
  /** In no particular order. */
  numbers: Int32Array;
  /** Occurrences in each, those of a column times its weight. */
  frequencies: Float32Array;
}

/** Of FTS5's tables. Since 2015, when FTS5 was published; with the option "secure-delete" it would be 5. */
const FORMAT = 4;
const AVERAGES_ID = 1;
const STRUCTURE_ID = 10;
const COOKIE_BYTES = 4;
/** Before each term of the index of whole words; indexes of prefixes have others. */
const WHOLE_WORDS = "0";

/** A part of the index that was written at once, or merged of several. */
interface Segment {
  id: number;
  firstPage: number;
  lastPage: number;
}

const encoder = new TextEncoder();

/**
 * Reads the table `words` where FTS5 stores it, as FTS5 gives positions only with a query that takes a microsecond for
 * each match. Only to be called in a transaction, and not in one that has written.
 *
 * @param weights by column
 */
export function createPostings(database: DatabaseSync, weights: readonly number[]) {
  const sql = statementCache(database);
  const block = (id: number) => sql("SELECT block FROM words_data WHERE id = ?").get(id)?.block as Uint8Array;

  /** Reads the list of a term in one segment. */
  function read(segment: Segment, term: Uint8Array, onRow: (number: number, frequency: number) => void): void {
    const index = sql(
      "SELECT pgno >> 1 AS page FROM words_idx WHERE segid = ? AND term <= ? ORDER BY term DESC LIMIT 1",
    ).get(segment.id, term);
    const first = Math.max(Number(index?.page ?? 0), segment.firstPage);
    const doclist = new Doclist(weights, onRow);
    let isFirst = true;
    for (const { block } of sql("SELECT block FROM words_data WHERE id BETWEEN ? AND ? ORDER BY id").iterate(
      pageId(segment, first),
      pageId(segment, segment.lastPage),
    )) {
      const page = block as Uint8Array;
      const part = isFirst ? firstPart(page, term) : nextPart(page);
      if (!part) return;
      doclist.read(page, part);
      if (part.isLast) return;
      isFirst = false;
    }
  }

  let numbers = new Int32Array();
  let frequencies = new Float32Array();
  let isSeen = new Uint8Array();

  return {
    /** Whether the tables have the format that is read here. */
    isReadable(): boolean {
      return sql("SELECT v FROM words_config WHERE k = 'version'").get()?.v === FORMAT;
    },

    /** Number of chunks, and of terms in all of them. */
    totals(): { chunks: number; terms: number } {
      const averages = new Varints(block(AVERAGES_ID));
      const chunks = averages.next();
      return { chunks, terms: weights.reduce((sum) => sum + averages.next(), 0) };
    },

    /** All chunks in ascending order, and the number of terms of each. As one value each, not 100,000 rows: 13 ms, not 70. */
    lengths(): { numbers: number[]; lengths: Int32Array } {
      const inOrder = "(SELECT * FROM words_docsize ORDER BY id)";
      const numbers: number[] = JSON.parse(
        String(sql(`SELECT json_group_array(id) AS ids FROM ${inOrder}`).get()?.ids),
      );
      const row = sql(`SELECT CAST(group_concat(sz, '') AS BLOB) AS sizes FROM ${inOrder}`).get();
      const sizes = new Varints((row?.sizes ?? new Uint8Array()) as Uint8Array);
      const lengths = new Int32Array(numbers.length);
      for (let at = 0; at < lengths.length; at += 1) {
        let length = 0;
        for (let column = 0; column < weights.length; column += 1) length += sizes.next();
        lengths[at] = length;
      }
      return { numbers, lengths };
    },

    /**
     * The chunks that have a term as FTS5 indexes it. The next call overwrites them.
     *
     * @param end above the number of every chunk
     */
    of(term: string, end: number): Postings {
      if (isSeen.length < end) {
        numbers = new Int32Array(end);
        frequencies = new Float32Array(end);
        isSeen = new Uint8Array(end);
      }
      isSeen.fill(0);
      let count = 0;
      const onRow = (number: number, frequency: number) => {
        // A newer segment replaces what older ones say of a chunk.
        if (isSeen[number] === 1) return;
        isSeen[number] = 1;
        if (frequency === 0) return;
        numbers[count] = number;
        frequencies[count] = frequency;
        count += 1;
      };
      const bytes = encoder.encode(WHOLE_WORDS + term);
      for (const segment of segmentsOf(block(STRUCTURE_ID))) read(segment, bytes, onRow);
      return { numbers: numbers.subarray(0, count), frequencies: frequencies.subarray(0, count) };
    },
  };
}

/** Newest first: lower levels are newer, and on a level the last segment is. */
function segmentsOf(structure: Uint8Array): Segment[] {
  const numbers = new Varints(structure, COOKIE_BYTES);
  const [levels = 0] = [numbers.next(), numbers.next(), numbers.next()]; // and the numbers of segments and of writes
  return Array.from({ length: levels }, () => {
    numbers.next(); // of segments that are being merged
    const segment = () => ({ id: numbers.next(), firstPage: numbers.next(), lastPage: numbers.next() });
    return Array.from({ length: numbers.next() }, segment).reverse();
  }).flat();
}

const pageId = ({ id }: Segment, page: number) => id * 2 ** 37 + page;
