import { bootstrap, type Estimate } from "../../bench/statistics/interval.ts";
import { mean } from "../metrics.ts";

const DRAWS = 10_000;
const SEED = 22;

/** How a figure changed from A to B, b − a, over the questions that have it in both. */
export interface Difference extends Estimate {
  pairs: number;
  /** Pairs whose values differ. */
  changed: number;
  /** The means. */
  a: number;
  b: number;
  /** Whether the pairs show a difference at all. */
  isShown: boolean;
}

/**
 * The mean difference of paired values with its percentile bootstrap interval, which resamples whole pairs (Efron and
 * Tibshirani, An Introduction to the Bootstrap, 13.3); the same pairs always give the same interval.
 *
 * A difference is shown when the interval does not contain 0. With few changed pairs the bootstrap is too sure of itself,
 * so it must also be possible at all: if chance alone gave each of n changed pairs its sign, all would have the same one
 * with probability 2^(1 − n) (the sign test).
 *
 * @param error probability, in (0, 1), that the interval does not contain the true difference
 */
export function differenceOf(
  pairs: readonly (readonly [a: number, b: number])[],
  error = 0.05,
  draws = DRAWS,
): Difference {
  const differences = pairs.map(([a, b]) => b - a);
  const changed = differences.filter((difference) => difference !== 0).length;
  const estimate = bootstrap(differences, mean, { draws, error, seed: SEED });
  return {
    pairs: pairs.length,
    changed,
    a: mean(pairs.map(([a]) => a)),
    b: mean(pairs.map(([, b]) => b)),
    ...estimate,
    isShown: (estimate.low > 0 || estimate.high < 0) && 2 ** (1 - changed) <= error,
  };
}
