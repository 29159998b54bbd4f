/** mulberry32, a seeded generator of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal numbers (Box–Muller). */
export function gaussians(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Adds normal noise to the vector and normalizes it to length 1. */
export function unitVectorNear(centre: Float32Array, gaussian: () => number): Float32Array {
  const vector = centre.map((value) => value + gaussian());
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}
