import { quantile } from "../../lambda/stats.ts";

export interface Ratio {
  ratio: number;
  /** 95 % interval. */
  interval: [low: number, high: number];
}

/**
 * The quantile of all values of `above` over that of `below`. Both are measured in rounds, one block each per round.
 * The interval is a bootstrap over rounds, so that a disturbance of a round affects both.
 *
 * @param random Returns numbers in [0, 1).
 */
export function ratioOf(
  above: readonly (readonly number[])[],
  below: readonly (readonly number[])[],
  share: number,
  { draws = 1_000, random = Math.random }: { draws?: number; random?: () => number } = {},
): Ratio {
  const over = (rounds: readonly number[]) => {
    const all = (blocks: readonly (readonly number[])[]) => rounds.flatMap((round) => blocks[round] ?? []);
    return quantile(all(above), share) / quantile(all(below), share);
  };
  const rounds = above.map((_, round) => round);
  const drawn = Array.from({ length: draws }, () => over(rounds.map(() => Math.floor(random() * rounds.length))));
  return { ratio: over(rounds), interval: [quantile(drawn, 0.025), quantile(drawn, 0.975)] };
}
