import { quantile } from "../../lambda/stats.ts";
import { seeded } from "./random.ts";

/** A figure and its 95 % interval. */
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
 */
export function bootstrap<Round>(
  rounds: readonly Round[],
  figure: (rounds: readonly Round[]) => number,
  draws = 1_000,
): Estimate {
  const random = seeded(1);
  const figures = Array.from({ length: draws }, () =>
    figure(rounds.map(() => rounds[Math.floor(random() * rounds.length)] as Round)),
  );
  return { value: figure(rounds), low: quantile(figures, 0.025), high: quantile(figures, 0.975) };
}
