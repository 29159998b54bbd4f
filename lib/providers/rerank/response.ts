import { fieldOf } from "#providers/service/json-fields.ts";

/**
 * The scores in a service's answer, by the index of the document: Cohere, Jina and vLLM list them as `results`, Voyage
 * as `data`, TEI as the answer itself, in which a score is `score` and not `relevance_score`.
 *
 * @param documents how many there were: an index is below
 * @returns `undefined` when one of the list is no score of a document, or another score of the same one. Documents may
 *   be missing.
 */
export function scoresIn(answer: unknown, documents: number): Map<number, number> | undefined {
  const list = Array.isArray(answer) ? answer : (fieldOf(answer, "results") ?? fieldOf(answer, "data"));
  if (!Array.isArray(list)) return undefined;
  const scores = new Map<number, number>();
  for (const item of list) {
    const index = fieldOf(item, "index");
    const score = fieldOf(item, "relevance_score") ?? fieldOf(item, "score");
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= documents) return undefined;
    if (typeof score !== "number" || !Number.isFinite(score) || scores.has(index)) return undefined;
    scores.set(index, score);
  }
  return scores;
}
