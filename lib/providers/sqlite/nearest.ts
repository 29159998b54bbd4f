import type { DatabaseSync } from "node:sqlite";
import { bestCodes, codeLength } from "./sign-codes.ts";
import { statementCache, whileUnchanged } from "./statements.ts";
import { StoreError } from "./store-error.ts";
import { CODES_PER_BLOCK, checkDimensions, isUsed, VECTORS_PER_BLOCK } from "./vector-blocks.ts";

/**
 * Up to this number of chunks all distances are computed: whole vectors are kept in memory, 3 MB of 384 dimensions.
 * Beyond it only codes are, 48 bytes each.
 */
const EXACT_CHUNKS = 2_000;
/** Vectors whose distances are computed for each one that is wanted. */
const CANDIDATES_PER_HIT = 10;

export interface NearestChunks {
  /** L2 distances of the nearest chunks, of all or of some in ascending order, by chunk number, nearest first. */
  nearest(vector: Float32Array, depth: number, passing?: Int32Array): Map<number, number>;
  /** L2 distances of chunks, by chunk number. */
  distances(vector: Float32Array, numbers: readonly number[]): Map<number, number>;
}

/** What is kept in memory of the vectors, by ascending chunk number. */
interface Loaded {
  numbers: Int32Array;
  /** [chunks × bytes of a code] */
  codes: Uint8Array;
  /** [chunks × dimensions] */
  vectors?: Float32Array;
}

/**
 * Finds the nearest chunks of a store: exactly up to {@link EXACT_CHUNKS}; of more, the codes select candidates, whose
 * distances are then exact. Only to be called in a transaction: what is in memory is read again after a change, and must
 * be of the same snapshot as the rest.
 *
 * @param exactChunks number of chunks up to which all distances are computed
 */
export function createNearest(
  database: DatabaseSync,
  dimensions: number,
  exactChunks: number = EXACT_CHUNKS,
): NearestChunks {
  const sql = statementCache(database);
  const loaded = whileUnchanged(database, (): Loaded => {
    const blocks = sql("SELECT block, used, mask, codes FROM code_blocks ORDER BY block").all();
    const numbers = new Int32Array(blocks.reduce((sum, { used }) => sum + Number(used), 0));
    const length = codeLength(dimensions);
    const codes = new Uint8Array(numbers.length * length);
    let index = 0;
    for (const { block, mask, codes: stored } of blocks) {
      for (let place = 0; place < CODES_PER_BLOCK; place += 1) {
        if (!isUsed(mask as Uint8Array, place)) continue;
        numbers[index] = Number(block) * CODES_PER_BLOCK + place;
        codes.set((stored as Uint8Array).subarray(place * length, (place + 1) * length), index * length);
        index += 1;
      }
    }
    if (numbers.length > exactChunks) return { numbers, codes };
    const vectors = new Float32Array(numbers.length * dimensions);
    const found = new Map(
      sql("SELECT block, vectors FROM vector_blocks")
        .all()
        .map((row) => [row.block, row.vectors]),
    );
    for (const [at, number] of numbers.entries()) {
      const { buffer, byteOffset } = found.get(Math.floor(number / VECTORS_PER_BLOCK)) as Uint8Array;
      const start = byteOffset + (number % VECTORS_PER_BLOCK) * dimensions * Float32Array.BYTES_PER_ELEMENT;
      vectors.set(new Float32Array(buffer, start, dimensions), at * dimensions);
    }
    return { numbers, codes, vectors };
  });

  /** L2 distances of stored vectors. Only one vector of a block is copied out of SQLite: 16 KB took twice as long. */
  function storedDistances(vector: Float32Array, numbers: Int32Array): Float64Array {
    const bytes = dimensions * Float32Array.BYTES_PER_ELEMENT;
    const rows = sql(
      `SELECT substr(vectors, 1 + (wanted.value % ${VECTORS_PER_BLOCK}) * ?, ?) AS vector
       FROM json_each(?) AS wanted CROSS JOIN vector_blocks ON block = wanted.value / ${VECTORS_PER_BLOCK}
       ORDER BY wanted.id`,
    ).all(bytes, bytes, JSON.stringify(Array.from(numbers)));
    if (rows.length !== numbers.length) {
      throw new StoreError("Vectors of stored chunks are missing: delete the file and send the documents again.");
    }
    const distances = new Float64Array(numbers.length);
    for (const [at, row] of rows.entries()) {
      const { buffer, byteOffset } = row.vector as Uint8Array;
      distances[at] = distance(vector, new Float32Array(buffer, byteOffset, dimensions), 0);
    }
    return distances;
  }

  return {
    nearest(vector, depth, passing) {
      checkDimensions(vector, dimensions);
      const { numbers, codes, vectors } = loaded();
      const allowed = passing && indexesOf(passing, numbers);
      const candidates = vectors ? allowed : bestCodes(vector, codes, depth * CANDIDATES_PER_HIT, allowed);
      const found = candidates ? candidates.map((index) => numbers[index] ?? 0) : numbers;
      const distances = vectors
        ? distancesIn(vector, vectors, found.length, candidates)
        : storedDistances(vector, found);
      return lowest(found, distances, depth);
    },

    distances(vector, numbers) {
      const sorted = Int32Array.from(numbers).sort();
      return lowest(sorted, storedDistances(vector, sorted), sorted.length);
    },
  };
}

/** Where some of the numbers are among all of them, both in ascending order. */
function indexesOf(some: Int32Array, numbers: Int32Array): Int32Array {
  const indexes = new Int32Array(some.length);
  let index = 0;
  for (let at = 0; at < some.length; at += 1) {
    while ((numbers[index] as number) < (some[at] as number)) index += 1;
    indexes[at] = index;
  }
  return indexes;
}

/** L2 distances of a vector to those at some indexes of others, by default to the first ones. */
function distancesIn(vector: Float32Array, others: Float32Array, count: number, indexes?: Int32Array): Float64Array {
  const distances = new Float64Array(count);
  for (let at = 0; at < count; at += 1) distances[at] = distance(vector, others, indexes?.[at] ?? at);
  return distances;
}

/** The lowest distances by chunk number, lowest first; of equal ones the lowest number first. */
function lowest(numbers: Int32Array, distances: Float64Array, depth: number): Map<number, number> {
  const last = distances.length > depth ? (distances.toSorted()[depth - 1] ?? 0) : Number.POSITIVE_INFINITY;
  const found: [number, number][] = [];
  for (let at = 0; at < distances.length; at += 1) {
    const value = distances[at] ?? 0;
    if (value <= last) found.push([numbers[at] ?? 0, value]);
  }
  return new Map(found.sort(([a, first], [b, second]) => first - second || a - b).slice(0, depth));
}

/** L2 distance of a vector to the one at an index of others. Four sums, as each addition waits for the one before. */
function distance(vector: Float32Array, others: Float32Array, index: number): number {
  const start = index * vector.length;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let at = 0;
  for (; at + 3 < vector.length; at += 4) {
    const first = (vector[at] as number) - (others[start + at] as number);
    const second = (vector[at + 1] as number) - (others[start + at + 1] as number);
    const third = (vector[at + 2] as number) - (others[start + at + 2] as number);
    const fourth = (vector[at + 3] as number) - (others[start + at + 3] as number);
    a += first * first;
    b += second * second;
    c += third * third;
    d += fourth * fourth;
  }
  for (; at < vector.length; at += 1) a += ((vector[at] as number) - (others[start + at] as number)) ** 2;
  return Math.sqrt(a + b + c + d);
}
