import type { Candidate } from "./candidates.ts";

/**
 * A linear rule, fitted to answerable and unanswerable questions: docs/decisions/0005-embedded-retrieval.md. The support of
 * the best candidate is the share of the question's words in it, that in its best sentence, and twice its cosine on the
 * scale of all-MiniLM-L6-v2, or four fifths of its heading's where that is more.
 */
const RULE = { similarity: 2, heading: 0.8, least: 1.2 };
/** Words alone say less, so they refuse only what shares almost none. */
const LEAST_BY_WORDS = 0.4;
/** A cosine below this is another subject, whatever words are shared. */
const MIN_SIMILARITY = 0.1;

/**
 * Whether the best candidate supports an answer; otherwise the documents seem not to answer the question. It must have
 * something to quote, and every identifier of the question.
 */
export function isSupported(candidates: readonly Candidate[]): boolean {
  const [best] = candidates;
  if (!best?.isIdentified || best.units.length === 0 || best.supported === 0) return false;
  if (best.similarity !== undefined && best.similarity < MIN_SIMILARITY) return false;
  const { supported, sentence, similarity, heading = 0 } = best;
  if (similarity === undefined) return supported + sentence >= LEAST_BY_WORDS;
  return supported + sentence + RULE.similarity * Math.max(similarity, RULE.heading * heading) >= RULE.least;
}
