import { fieldOf } from "#providers/service/json-fields.ts";

/**
 * The scores in a service's response, by document index: Cohere, Jina and vLLM return a list in `results`, Voyage in
 * `data`, TEI as the response itself, DashScope in `output`, with `score` in place of `relevance_score`.
 *
 * @param documents how many documents were sent
 * @returns `undefined` when an item is invalid or two have the same index. Documents may be missing.
 */
export function scoresIn(response: unknown, documents: number): Map<number, number> | undefined {
  const body = fieldOf(response, "output") ?? response;
  const list = Array.isArray(body) ? body : (fieldOf(body, "results") ?? fieldOf(body, "data"));
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
