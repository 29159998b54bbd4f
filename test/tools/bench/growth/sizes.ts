/** Concurrent environments. */
export const ENVIRONMENTS = [1, 10, 100] as const;
/** Chunks in the store; folders with these names hold the stores. */
export const CHUNKS = [100, 1_000, 10_000] as const;
/** Chunks in the stores of the concurrent environments. */
export const CHUNKS_OF_ALL = 1_000;
