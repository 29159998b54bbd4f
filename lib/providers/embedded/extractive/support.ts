import { termsOf } from "#providers/lexical/terms.ts";
import type { Candidate } from "./candidates.ts";
import type { Asked } from "./question.ts";

/**
 * A linear rule, fitted on one half of answerable and unanswerable questions and tried on the other:
 * docs/decisions/0005-embedded-retrieval.md. `similarity` and `heading` are for all-MiniLM-L6-v2.
 */
const RULE = { similarity: 3, heading: 0.5, supported: 2, missing: 0.4, names: 1, least: 0.6 };
/** Assumed where the store or the embedder gives none. */
const DEFAULT = { similarity: 0.4, heading: 0.3 };
/** A cosine below this is another subject, whatever words are shared. */
const MIN_SIMILARITY = 0.15;

/** Whether the best candidate supports an answer; otherwise the documents seem not to answer the question. */
export function isSupported(asked: Asked, [best, ...others]: readonly Candidate[]): boolean {
  if (!best?.isIdentified) return false;
  const all = others.reduce((terms, candidate) => terms.union(candidate.terms), best.terms);
  const missing = new Set(asked.terms.filter((term) => !all.has(term))).size;
  const names = asked.names.flatMap(termsOf).filter((term) => !all.has(term)).length;
  const { similarity = DEFAULT.similarity, heading = DEFAULT.heading, supported } = best;
  if (similarity < MIN_SIMILARITY || supported === 0) return false;
  const support =
    RULE.similarity * similarity +
    RULE.heading * heading +
    RULE.supported * supported -
    RULE.missing * missing -
    RULE.names * names;
  return support >= RULE.least;
}
