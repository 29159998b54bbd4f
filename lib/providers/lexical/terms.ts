import { stemmer } from "stemmer";
import { searchableText } from "./searchable-text.ts";
import { STOP_WORDS } from "./stop-words.ts";

const WORD = /[\p{L}\p{N}]+/gu;
const NOT_ASCII = /[^\p{ASCII}]/u;

/** Stems of the words seen so far; stemming all words of thirty chunks anew would take longer than the search. */
const stems = new Map<string, string>();
const MAX_STEMS = 20_000;

/**
 * The telling words of a text in order, as stems (Porter): no case, no accents, no English stop words; unspaced
 * scripts as pairs of characters. A text of nothing but stop words keeps them.
 */
export function termsOf(text: string): string[] {
  return without(STOP_WORDS, wordsOf(text)).map(stemOf);
}

/** What questions are asked with, besides stop words; in a text these words may tell something. */
const ASKING: ReadonlySet<string> = new Set(
  `describe exactly exist explain find get give happen happened happening happens kind list mean meaning means meant
  name need needed needs please possible show sort tell thing things use used want way ways work works`.split(/\s+/),
);

/** The terms of a question, without "What happens when …", "How does … work", unless it has no others. */
export function questionTermsOf(question: string): string[] {
  return without(ASKING, without(STOP_WORDS, wordsOf(question))).map(stemOf);
}

function wordsOf(text: string): string[] {
  const plain = NOT_ASCII.test(text)
    ? searchableText(text)
        .normalize("NFKD")
        .replace(/\p{M}+/gu, "")
    : text;
  return plain.toLowerCase().match(WORD) ?? [];
}

/** The words that are not `common`, or all when there are no others. */
function without(common: ReadonlySet<string>, words: string[]): string[] {
  const rest = words.filter((word) => !common.has(word));
  return rest.length > 0 ? rest : words;
}

function stemOf(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    if (stems.size >= MAX_STEMS) stems.clear();
    stem = stemmer(word);
    stems.set(word, stem);
  }
  return stem;
}

/** How much each of some terms tells; see {@link weigh}. */
export interface Weights {
  of(term: string): number;
  /** Share of the terms' total weight that the ones in `found` have: in [0, 1]. */
  covered(found: { has(term: string): boolean }): number;
  readonly total: number;
  readonly terms: readonly string[];
}

/**
 * Weighs terms by their inverse document frequency among `texts`, as BM25 in Lucene does:
 * ln(1 + (N − n + ½) / (n + ½)), with N texts of which n have the term. Never negative.
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
