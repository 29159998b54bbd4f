import { stemmer } from "stemmer";
import { memoised } from "#rag/memoised.ts";
import { STOP_WORDS } from "./stop-words.ts";
import { wordsOf } from "./words.ts";

/**
 * The terms of a text in order: Porter stems of its words (see {@link wordsOf}), without English stop words. A text that
 * consists of stop words keeps them.
 */
export function termsOf(text: string): string[] {
  return without(STOP_WORDS, wordsOf(text)).map(stemOf);
}

/** Words that are stop words in a question, but may be significant in a text. */
export const QUESTION_WORDS: ReadonlySet<string> = new Set(
  `describe exactly exist explain find get give happen happened happening happens kind list mean meaning means meant
  name need needed needs please possible show sort tell thing things use used want way ways work works`.split(/\s+/),
);

/** The terms of a question, without those of phrases such as "What happens when …", unless it has no others. */
export function questionTermsOf(question: string): string[] {
  return without(QUESTION_WORDS, without(STOP_WORDS, wordsOf(question))).map(stemOf);
}

/** The words that are not `common`; all words when that leaves none. */
function without(common: ReadonlySet<string>, words: string[]): string[] {
  const rest = words.filter((word) => !common.has(word));
  return rest.length > 0 ? rest : words;
}

/** The Porter stem of a word in lower case. */
export const stemOf = memoised(stemmer, 20_000);

/** Inverse document frequency weights of a set of terms; see {@link weigh}. */
export interface Weights {
  of(term: string): number;
  /** Share of the total weight of the terms that are in `found`: in [0, 1]. */
  covered(found: { has(term: string): boolean }): number;
  readonly total: number;
  readonly terms: readonly string[];
}

/**
 * Weights terms by their inverse document frequency among `texts`, as BM25 in Lucene does:
 * ln(1 + (N − n + ½) / (n + ½)), with N texts, n of them with the term. Never negative.
 */
export function weigh(terms: readonly string[], texts: readonly { has(term: string): boolean }[]): Weights {
  const weights = new Map<string, number>();
  for (const term of terms) {
    const n = texts.reduce((count, text) => count + Number(text.has(term)), 0);
    weights.set(term, Math.log(1 + (texts.length - n + 0.5) / (n + 0.5)));
  }
  const total = sum(weights.values());
  return {
    of: (term) => weights.get(term) ?? 0,
    covered: (found) => sum(weights.entries().map(([term, weight]) => (found.has(term) ? weight : 0))) / (total || 1),
    total,
    terms: [...weights.keys()],
  };
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
