/** A bucket of a histogram: how many observations were at most `le`, the smaller ones included. */
export interface Bucket {
  /** Upper bound, inclusive; Infinity for the last. */
  le: number;
  count: number;
}

/**
 * Prometheus' `histogram_quantile`: observations are spread evenly in their bucket, the first one begins at 0, and what is
 * in the last, without an upper bound, counts as the highest bound.
 * https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 *
 * @param q in [0, 1]
 * @returns NaN without observations, and without a bucket for Infinity
 */
export function histogramQuantile(q: number, histogram: readonly Bucket[]): number {
  const buckets = growing(histogram.toSorted((a, b) => a.le - b.le));
  const last = buckets.at(-1);
  const highest = buckets.at(-2);
  if (last?.le !== Number.POSITIVE_INFINITY || highest === undefined || last.count === 0) return Number.NaN;

  const rank = q * last.count;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const found = buckets[index];
  if (found === undefined || found === last) return highest.le;
  if (index === 0 && found.le <= 0) return found.le;

  const before = buckets[index - 1] ?? { le: 0, count: 0 };
  return before.le + (found.le - before.le) * ((rank - before.count) / (found.count - before.count));
}

/** Counts that never fall: buckets of several senders may not have been received together. */
function growing(buckets: readonly Bucket[]): Bucket[] {
  let most = 0;
  return buckets.map(({ le, count }) => {
    most = Math.max(most, count);
    return { le, count: most };
  });
}
