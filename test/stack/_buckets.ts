/** Upper bounds of the duration histogram in seconds. */
const BOUNDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/**
 * The range in which a quantile estimated from a histogram may lie: the bucket of the value with its rank, plus or
 * minus two percent of the values, since values at the edge may be measured slightly longer.
 */
export function quantileRange(
  values: readonly number[],
  q: number,
  bounds: readonly number[] = BOUNDS,
): [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (rank: number): number => sorted[Math.min(Math.max(Math.ceil(rank), 1), sorted.length) - 1] ?? Number.NaN;
  const rank = q * sorted.length;
  const slack = Math.ceil(sorted.length * 0.02);
  const lower = bounds.findLast((bound) => bound < at(rank - slack)) ?? 0;
  const upper = bounds.find((bound) => bound >= at(rank + slack)) ?? Number.POSITIVE_INFINITY;
  return [lower, upper];
}
