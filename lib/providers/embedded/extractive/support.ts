import { termsOf } from "#providers/lexical/terms.ts";
import type { Candidate } from "./candidates.ts";
import type { Asked } from "./question.ts";

/**
 * A linear rule, fitted by hand to answerable and unanswerable questions: docs/decisions/0005-embedded-retrieval.md. A
 * candidate's support is the share of the question's words in it, that in its best sentence, and three times its cosine on
 * the scale of all-MiniLM-L6-v2; each name that no candidate has counts against all of them.
 */
const RULE = { similarity: 3, names: 0.4, least: 1.5 };
/** Words alone say less, so they refuse only what shares almost none. */
const LEAST_BY_WORDS = 0.4;
/** A heading with nothing under it is an answer only if it has this share of the question's words. */
const LEAST_BY_HEADING = 0.6;
/** A cosine below this is another subject, whatever words are shared. */
const MIN_SIMILARITY = 0.1;

/**
 * Whether the candidates support an answer; otherwise the documents seem not to answer the question. Every identifier of
 * the question must be in the best one.
 */
export function isSupported(asked: Asked, candidates: readonly Candidate[]): boolean {
  const [best] = candidates;
  if (!best?.isIdentified || best.supported < (best.units.length > 0 ? Number.MIN_VALUE : LEAST_BY_HEADING))
    return false;
  if (best.similarity !== undefined && best.similarity < MIN_SIMILARITY) return false;
  const known = new Set(candidates.flatMap(({ terms }) => [...terms]));
  const missing = new Set(asked.names.flatMap(termsOf)).difference(known).size;
  const supports = candidates.map(
    ({ supported, sentence, similarity = 0 }) => supported + sentence + RULE.similarity * similarity,
  );
  const least = best.similarity === undefined ? LEAST_BY_WORDS : RULE.least;
  return Math.max(...supports) - RULE.names * missing >= least;
}
