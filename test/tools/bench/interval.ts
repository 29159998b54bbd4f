import { quantile } from "../lambda/stats.ts";

/** A figure and its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** mulberry32: the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A figure of pairs measured side by side, with its percentile bootstrap interval: rounds are drawn again and again
 * with replacement, each with all that was measured in it (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3).
 *
 * @param figure of the rounds drawn
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
