import { quantile } from "../../lambda/stats.ts";
import { seeded } from "./random.ts";

/** A figure and its interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/**
 * A figure of interleaved measurements with its percentile bootstrap interval: whole rounds are resampled with
 * replacement (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3).
 *
 * @param figure Computes the figure of a sample of rounds.
 * @param error probability, in (0, 1), that the interval does not contain the true figure
 */
export function bootstrap<Round>(
  rounds: readonly Round[],
  figure: (rounds: readonly Round[]) => number,
  { draws = 1_000, error = 0.05, seed = 1 } = {},
): Estimate {
  const random = seeded(seed);
  const figures = Array.from({ length: draws }, () =>
    figure(rounds.map(() => rounds[Math.floor(random() * rounds.length)] as Round)),
  );
  return { value: figure(rounds), low: quantile(figures, error / 2), high: quantile(figures, 1 - error / 2) };
}
