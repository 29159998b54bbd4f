/** The mean of vectors, scaled to length 1: [tokens × dimensions] → [dimensions]. */
export function meanOf(states: Float32Array, dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (let i = 0; i < states.length; i += 1) {
    const dimension = i % dimensions;
    sum[dimension] = (sum[dimension] ?? 0) + (states[i] ?? 0);
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

/** The first ids of a text, at most `limit`, with the last one of all: it marks the end. */
export function truncated(ids: readonly number[], limit: number): readonly number[] {
  const last = ids.at(-1);
  return ids.length > limit && last !== undefined ? [...ids.slice(0, limit - 1), last] : ids;
}
