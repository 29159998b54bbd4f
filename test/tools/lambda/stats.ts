/** The value that a share of the values, in [0, 1], is not above; NaN of none. Nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** Cut into pieces of `size`; a shorter rest is left out, unless it is all there is. */
export function blocksOf<T>(values: readonly T[], size: number): T[][] {
  const blocks = Array.from({ length: Math.floor(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
  return blocks.length > 0 ? blocks : [[...values]];
}

/** Milliseconds with a sign, for differences: "+1.2 ms". */
export function signed(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${Math.abs(ms).toFixed(1)} ms`;
}
