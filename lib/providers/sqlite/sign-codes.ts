/**
 * One bit per dimension of a vector, its sign: 1/32 of its size. A question keeps its numbers, so a code is compared with
 * what the signs leave of a vector, and not sign with sign: with the same number of candidates that misses far fewer of
 * the nearest (docs/decisions/0040-quantised-first-pass.md).
 */

/** Sums of 8 numbers of a unit vector are scaled to this, so that integers are added. */
const MAX_BYTE_SCORE = 2 ** 15 - 1;
const BUCKETS = 4096;
/** Bytes that are looked up in a row: four at a time take half the time of one. */
const GROUP = 4;

/** Bytes of the code of a vector: one for 8 dimensions, in groups of {@link GROUP}. */
export function codeLength(dimensions: number): number {
  return Math.ceil(dimensions / 8 / GROUP) * GROUP;
}

/** Bit d is 1 where the vector is positive; the lowest bit of a byte comes first. */
export function signCode(vector: Float32Array): Uint8Array {
  const code = new Uint8Array(codeLength(vector.length));
  for (let dimension = 0; dimension < vector.length; dimension += 1) {
    const byte = dimension >> 3;
    if ((vector[dimension] ?? 0) > 0) code[byte] = (code[byte] ?? 0) | (1 << (dimension & 7));
  }
  return code;
}

/**
 * The indexes of the `count` codes with the highest scores for a query, in ascending order. A score is the sum of the
 * query's numbers where the code has a 1: it is highest where the inner product with the signs is.
 *
 * @param codes [vectors × bytes]
 * @param indexes which of the codes to look at, in ascending order; by default all
 */
export function bestCodes(query: Float32Array, codes: Uint8Array, count: number, indexes?: Int32Array): Int32Array {
  const scores = scoresOf(query, codes, indexes);
  if (scores.length <= count) return indexes ?? Int32Array.from(scores.keys());
  let { above, atLeast, room } = limitsOf(scores, count);
  const best: number[] = [];
  for (let at = 0; at < scores.length; at += 1) {
    const score = scores[at] as number;
    if (score < atLeast) continue;
    if (score < above) {
      if (room === 0) continue;
      room -= 1;
    }
    best.push(indexes ? (indexes[at] as number) : at);
  }
  return Int32Array.from(best);
}

/** 100,000 codes of 512 dimensions take about 5 ms. */
function scoresOf(query: Float32Array, codes: Uint8Array, indexes?: Int32Array): Int32Array {
  const length = codeLength(query.length);
  const tables = byteScores(query);
  const scores = new Int32Array(indexes ? indexes.length : codes.length / length);
  for (let row = 0; row < scores.length; row += 1) {
    let at = (indexes ? (indexes[row] as number) : row) * length;
    let score = 0;
    for (let table = 0; table < tables.length; table += GROUP * 256) {
      score +=
        (tables[table | (codes[at] as number)] as number) +
        (tables[(table + 256) | (codes[at + 1] as number)] as number) +
        (tables[(table + 512) | (codes[at + 2] as number)] as number) +
        (tables[(table + 768) | (codes[at + 3] as number)] as number);
      at += GROUP;
    }
    scores[row] = score;
  }
  return scores;
}

/** The score of each value that a byte of a code can have: [bytes × 256]. */
function byteScores(query: Float32Array): Int16Array {
  const bytes = codeLength(query.length);
  const sums = new Float32Array(bytes * 256);
  let highest = 0;
  for (let byte = 0; byte < bytes; byte += 1) {
    for (let value = 1; value < 256; value += 1) {
      const lowest = value & -value;
      const rest = sums[byte * 256 + (value ^ lowest)] ?? 0;
      const sum = rest + (query[byte * 8 + 31 - Math.clz32(lowest)] ?? 0);
      sums[byte * 256 + value] = sum;
      highest = Math.max(highest, Math.abs(sum));
    }
  }
  const scale = highest > 0 ? MAX_BYTE_SCORE / highest : 0;
  const scores = new Int16Array(sums.length);
  for (let at = 0; at < sums.length; at += 1) scores[at] = Math.round((sums[at] ?? 0) * scale);
  return scores;
}

/**
 * Fewer than `count` scores reach `above`, and `room` more of those that reach `atLeast` make `count`. A histogram finds
 * them without sorting; many equal scores are no more work than different ones.
 */
function limitsOf(scores: Int32Array, count: number): { above: number; atLeast: number; room: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (score < lowest) lowest = score;
    if (score > highest) highest = score;
  }
  const width = Math.ceil((highest - lowest + 1) / BUCKETS);
  const histogram = new Uint32Array(BUCKETS);
  for (const score of scores) {
    const bucket = Math.floor((score - lowest) / width);
    histogram[bucket] = (histogram[bucket] ?? 0) + 1;
  }
  let bucket = BUCKETS - 1;
  let room = count;
  for (let size = histogram[bucket] ?? 0; size < room && bucket > 0; size = histogram[bucket] ?? 0) {
    room -= size;
    bucket -= 1;
  }
  const atLeast = lowest + bucket * width;
  return { above: atLeast + width, atLeast, room };
}
