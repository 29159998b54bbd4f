import { quantile } from "../../lambda/stats.ts";

const BOOTSTRAPS = 2_000;

/**
 * 95 % bootstrap interval of the ratio of a quantile of `above` to that of `below`. The n-th values are a pair,
 * measured one after the other and resampled together.
 *
 * @param share The quantile, in [0, 1].
 */
export function ratioInterval(
  above: readonly number[],
  below: readonly number[],
  share: number,
  random: () => number,
): [number, number] {
  const ratios = Array.from({ length: BOOTSTRAPS }, () => {
    const picks = above.map(() => Math.floor(random() * above.length));
    const picked = (values: readonly number[]) => picks.map((pick) => values[pick] ?? Number.NaN);
    return quantile(picked(above), share) / quantile(picked(below), share);
  });
  return [quantile(ratios, 0.025), quantile(ratios, 0.975)];
}
