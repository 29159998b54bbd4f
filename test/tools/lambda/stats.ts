/** The quantile by the nearest-rank method, `share` in [0, 1]; NaN for an empty array. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** Splits into blocks of `size`; drops a shorter last block unless it is the only one. */
export function blocksOf<T>(values: readonly T[], size: number): T[][] {
  const blocks = Array.from({ length: Math.floor(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
  return blocks.length > 0 ? blocks : [[...values]];
}

/** A difference in milliseconds with its sign: "+1.2 ms". */
export function signed(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${Math.abs(ms).toFixed(1)} ms`;
}
