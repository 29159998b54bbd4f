/**
 * The area under the ROC curve: the probability that a score of `higher` is above one of `lower`, with half for a tie
 * (Mann–Whitney U). `NaN` when there are none of one kind.
 */
export function auc(higher: readonly number[], lower: readonly number[]): number {
  let wins = 0;
  for (const high of higher) for (const low of lower) wins += high > low ? 1 : high === low ? 0.5 : 0;
  return wins / (higher.length * lower.length);
}
