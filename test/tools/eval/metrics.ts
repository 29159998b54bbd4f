import { sentencesOf } from "#rag/segment.ts";

/** Relevance of document ids: 0 or absent is not relevant. */
export type Judgements = ReadonlyMap<string, number>;

/**
 * Normalised discounted cumulative gain of the first `k` ids, best first: Σ rel / log2(rank + 1), divided by its
 * value for the ideal order. Järvelin and Kekäläinen 2002, with the linear gain of trec_eval and BEIR.
 */
export function ndcg(ids: readonly string[], judged: Judgements, k: number): number {
  const gain = (relevances: readonly number[]) =>
    relevances.slice(0, k).reduce((sum, relevance, index) => sum + relevance / Math.log2(index + 2), 0);
  const ideal = gain([...judged.values()].sort((a, b) => b - a));
  return ideal === 0 ? 0 : gain(ids.map((id) => judged.get(id) ?? 0)) / ideal;
}

/** Share of the relevant ids that are among the first `k`. */
export function recall(ids: readonly string[], judged: Judgements, k: number): number {
  const relevant = [...judged].filter(([, relevance]) => relevance > 0).map(([id]) => id);
  const first = new Set(ids.slice(0, k));
  return relevant.length === 0 ? 0 : relevant.filter((id) => first.has(id)).length / relevant.length;
}

/**
 * 1 / rank of the first relevant id among the first `k`, else 0. Voorhees 1999, as TREC-8's question answering track.
 */
export function reciprocalRank(ids: readonly string[], judged: Judgements, k: number): number {
  const index = ids.slice(0, k).findIndex((id) => (judged.get(id) ?? 0) > 0);
  return index === -1 ? 0 : 1 / (index + 1);
}

/** Whether a text contains one of the gold answers, ignoring case and whitespace. */
export function containsAnswer(text: string, answers: readonly string[]): boolean {
  const plain = normalise(text);
  return answers.some((answer) => plain.includes(normalise(answer)));
}

function normalise(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ").trim();
}

/** Sentences of an answer without its `[n]` markers. */
export function countSentences(answer: string): number {
  return sentencesOf(withoutMarkers(answer)).length;
}

function withoutMarkers(answer: string): string {
  return answer.replace(/\s*\[\d+\]/g, "");
}

/**
 * The nearest-rank percentile: the smallest value with at least `p` percent of the values at or below it. NaN if none.
 */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** NaN if there are none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
