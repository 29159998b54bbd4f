/** Cosines, which may be below 0 and are not logits. */
const COSINE_MODELS = /jina-reranker-v3/i;
/** What rounding may add to a score in [0, 1]. */
const ROUNDING = 0.001;

/**
 * Brings the scores of one model into [0, 1]. Cross-encoders compute logits; most servers put them through a sigmoid, and
 * llama.cpp and TEI with raw scores do not. Scores outside of [0, 1] are therefore logits, and so are all that follow from
 * the same model, also when they happen to be in [0, 1]. The order stays the same.
 *
 * @param isScaled whether the service is known to return probabilities or cosines, which are only clamped
 */
export function createScale(model: string, isScaled: boolean): (scores: readonly number[]) => number[] {
  const areClamped = isScaled || COSINE_MODELS.test(model);
  let areLogits = false;
  return (scores) => {
    areLogits ||= !areClamped && scores.some((score) => score < -ROUNDING || score > 1 + ROUNDING);
    return scores.map((score) => (areLogits ? 1 / (1 + Math.exp(-score)) : Math.min(1, Math.max(0, score))));
  };
}
