export interface Ranking {
  /** How much this ranking counts, relative to the others; not negative. */
  readonly weight: number;
  /** Best first, without repeats. */
  readonly ids: readonly number[];
}

/**
 * Fuses rankings into one, best first: score(d) = Σ weight / (k + rank(d)), ranks from 1, divided by the maximum
 * possible score, so that 1 means "first in every ranking". Ties keep the order in which ids were first seen.
 *
 * The smaller `k`, the more the top ranks count. Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion
 * outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009; the weights are the usual extension.
 */
export function weightedReciprocalRankFusion(rankings: readonly Ranking[], k: number): { id: number; score: number }[] {
  const greatest = rankings.reduce((sum, { weight }) => sum + weight / (k + 1), 0);
  const scores = new Map<number, number>();
  for (const { weight, ids } of rankings) {
    ids.forEach((id, index) => {
      scores.set(id, (scores.get(id) ?? 0) + weight / (k + index + 1) / greatest);
    });
  }
  return Array.from(scores, ([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score);
}
