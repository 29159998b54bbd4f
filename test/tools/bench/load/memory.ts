/** Resident memory at one moment. */
export interface MemorySample {
  /** Seconds since the load began. */
  seconds: number;
  megabytes: number;
}

export interface MemoryTrend {
  start: number;
  after_10_s: number;
  median_of_last_10_s: number;
  /** Slope of the least-squares line through all samples after the first 10 s. */
  mb_per_minute: number;
}

/** Excluded from growth: code is being compiled and caches warm up. */
const SETTLING_SECONDS = 10;

/** Figures without samples are NaN: a load of 10 s has no slope. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend {
  const settled = samples.filter(({ seconds }) => seconds >= SETTLING_SECONDS);
  const end = samples.at(-1)?.seconds ?? 0;
  const last = samples.filter(({ seconds }) => seconds > end - 10).map(({ megabytes }) => megabytes);
  return {
    start: samples[0]?.megabytes ?? Number.NaN,
    after_10_s: settled[0]?.megabytes ?? Number.NaN,
    median_of_last_10_s: last.toSorted((a, b) => a - b)[Math.floor(last.length / 2)] ?? Number.NaN,
    mb_per_minute: 60 * slopeOf(settled),
  };
}

/** Least squares: cov(x, y) / var(x). */
function slopeOf(samples: readonly MemorySample[]): number {
  const mean = (of: (sample: MemorySample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const middle = mean(({ seconds }) => seconds);
  const height = mean(({ megabytes }) => megabytes);
  const covariance = mean(({ seconds, megabytes }) => (seconds - middle) * (megabytes - height));
  return covariance / mean(({ seconds }) => (seconds - middle) ** 2);
}
