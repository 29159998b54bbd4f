import { memoised } from "#rag/memoised.ts";
import type { Hit, Reranker } from "#rag/ports.ts";
import { sentencesOf } from "#rag/segment.ts";
import { questionTermsOf, sum, termsOf, type Weights, weigh } from "./terms.ts";

/** Weights of the features, which are in [0, 1]; they add up to 1. Measured: docs/decisions/0005-embedded-retrieval.md. */
const SHARES = { words: 0.35, sentence: 0.05, phrase: 0.15, meaning: 0.45 };

/** How much of a score depends on the place that the search gave the hit, and the usual damping of reciprocal ranks. */
const PLACE = { share: 0.3, damping: 60 };

/** BM25's usual constants: term frequency saturation and length normalisation. */
const K1 = 1.2;
const B = 0.75;

/** The range over which cosines are stretched at least: those of a few hits, or of like ones, are close together by chance. */
const MIN_SPREAD = 0.2;

/** Name of the lexical reranker. */
export const LEXICAL_RERANKER = "lexical-rerank";

/** A hit's text, in which only the question's terms are counted. */
interface Analysed {
  hit: Hit;
  terms: readonly string[];
  counts: ReadonlyMap<string, number>;
  sentences: readonly ReadonlySet<string>[];
}

/** What a hit's score is made of: the sum of the four features, which are weighted, times its place. */
export interface LexicalScore {
  words: number;
  sentence: number;
  phrase: number;
  meaning: number;
  /** In [0.7, 1]: 1 for the first hit of the search. */
  place: number;
}

/**
 * Reranks hits by four features; terms are weighted by how rare they are among the hits:
 * - words: BM25 of title and text, as a share of its maximum;
 * - sentence: term coverage of the best single sentence;
 * - phrase: share of the question's adjacent terms that are adjacent in the text;
 * - meaning: the store's cosine, see {@link meaningOf}.
 *
 * A hit far down in the search loses up to 14 % of its score.
 * A hit with all of them scores 1, one that shares nothing with the question 0.
 */
export function createLexicalReranker(): Reranker {
  return {
    provider: "edge-rag",
    model: LEXICAL_RERANKER,
    async rerank(question, hits, limit) {
      return lexicalScores(question, hits)
        .map(({ hit, ...score }): Hit => ({ ...hit, score: totalOf(score) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, limit);
    },
  };
}

/** The scores of the lexical reranker in parts, in the order of the hits. */
export function lexicalScores(question: string, hits: readonly Hit[]): (LexicalScore & { hit: Hit })[] {
  const questionTerms = questionTermsOf(question);
  const asked = new Set(questionTerms);
  const analysed = hits.map((hit) => analyse(hit, asked));
  const weights = weigh(
    questionTerms,
    analysed.map(({ counts }) => counts),
  );
  const meaning = meaningOf(hits);
  const length = sum(analysed.map(({ terms }) => terms.length)) / analysed.length;
  return analysed.map(({ hit, ...text }, index) => ({
    hit,
    words: SHARES.words * bm25(text, weights, length),
    sentence: SHARES.sentence * text.sentences.reduce((best, terms) => Math.max(best, weights.covered(terms)), 0),
    phrase: SHARES.phrase * phraseMatch(questionTerms, text.terms, weights),
    meaning: SHARES.meaning * meaning(hit),
    place: 1 - PLACE.share + PLACE.share * ((PLACE.damping + 1) / (PLACE.damping + 1 + index)),
  }));
}

function totalOf({ words, sentence, phrase, meaning, place }: LexicalScore): number {
  return Math.min(1, words + sentence + phrase + meaning) * place;
}

/**
 * Cosines brought into [0, 1]: the nearest hit keeps its cosine, the farthest one gets 0, and the others are between in
 * proportion. Models differ in their ranges (all-MiniLM-L6-v2 gives −0.1 to 0.8, E5 0.7 to 0.9); as they are, those of a
 * narrow range would hardly count. 0 for a hit without a cosine.
 */
function meaningOf(hits: readonly Hit[]): (hit: Hit) => number {
  const cosines = hits.flatMap(({ similarity }) => similarity ?? []);
  const highest = cosines.reduce((a, b) => Math.max(a, b), 0);
  const lowest = cosines.reduce((a, b) => Math.min(a, b), highest);
  const spread = Math.max(highest - lowest, MIN_SPREAD);
  return ({ similarity }) => (similarity === undefined ? 0 : highest * (1 - (highest - similarity) / spread));
}

/** The terms of each sentence. Most questions of an environment are about the same chunks; one takes about 1 KB. */
const sentenceTermsOf = memoised(
  (text) => sentencesOf(text).map(({ start, end }) => termsOf(text.slice(start, end))),
  1_000,
  2_000,
);

function analyse(hit: Hit, asked: ReadonlySet<string>): Analysed {
  const sentences = sentenceTermsOf(hit.text);
  const askedOf = (terms: readonly string[]) => terms.filter((term) => asked.has(term));
  const askedIn = sentences.map(askedOf);
  const counts = new Map<string, number>();
  for (const term of [...askedIn.flat(), ...new Set(askedOf(termsOf(`${hit.title} ${hit.heading}`)))]) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return { hit, terms: sentences.flat(), counts, sentences: askedIn.map((terms) => new Set(terms)) };
}

/** BM25 (Robertson and Zaragoza 2009, formula 3.15) divided by its upper bound for these weights: in [0, 1). */
function bm25({ terms, counts }: Omit<Analysed, "hit">, weights: Weights, averageLength: number): number {
  const damping = K1 * (1 - B + (B * terms.length) / (averageLength || 1));
  const score = sum(
    weights.terms.map((term) => {
      const count = counts.get(term) ?? 0;
      return (weights.of(term) * count) / (count + damping);
    }),
  );
  return score / (weights.total || 1);
}

/** Weighted share of the question's adjacent pairs that occur in the text in this order, at most one word apart. */
function phraseMatch(questionTerms: readonly string[], terms: readonly string[], weights: Weights): number {
  let found = 0;
  let total = 0;
  for (let i = 1; i < questionTerms.length; i += 1) {
    const [first = "", second = ""] = questionTerms.slice(i - 1, i + 1);
    const weight = weights.of(first) + weights.of(second);
    total += weight;
    if (terms.some((term, at) => term === first && (terms[at + 1] === second || terms[at + 2] === second))) {
      found += weight;
    }
  }
  return found / (total || 1);
}
