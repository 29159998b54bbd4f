import { questionTermsOf, termsOf, weigh } from "#providers/lexical/terms.ts";
import type { Citation, Generator } from "#rag/ports.ts";
import { quotableSentencesOf } from "./quotable-sentences.ts";

const MODEL = "extractive-quotes (no language model)";
const NO_ANSWER = "The documents do not answer this question.";

const MAX_QUOTES = 3;
/** Lower-ranked sources seldom contribute a quote, and searching them takes time. */
const MAX_SOURCES = 3;

// Measured: docs/decisions/0005-embedded-retrieval.md.
/** Minimum support of a source: the share of the question's terms that it contains, plus its cosine. */
const MIN_SUPPORT = 0.8;
/** Assumed cosine when the store does not return one. */
const DEFAULT_SIMILARITY = 0.4;
/**
 * Weights of a quote's features relative to its term coverage, which has weight 1: its source's score, and the term
 * coverage of adjacent quotes, most of all of a preceding one such as "Start it with:".
 */
const WEIGHTS = { source: 1, neighbour: 0.4, introduced: 1 };
/** Quotes that score less than this share of the best one are dropped. */
const MIN_SHARE_OF_BEST = 0.65;

interface Quote {
  text: string;
  terms: ReadonlySet<string>;
  citation: Citation;
}

/**
 * Answers with at most three verbatim sentences from the citations, in their order, each followed by the number of its
 * source. When no source supports an answer, the text says that the documents do not answer the question. It cannot
 * hallucinate, combine or infer, and costs nothing.
 */
export function createExtractiveGenerator(): Generator {
  return {
    provider: "edge-rag",
    model: MODEL,
    async generate({ question, citations }) {
      const questionTerms = questionTermsOf(question);
      const sources = citations.slice(0, MAX_SOURCES);
      const isSupported = sources.some((source) => supportOf(source, questionTerms) >= MIN_SUPPORT);
      const quotes = isSupported ? bestQuotes(question, questionTerms, sources) : [];
      return {
        text: quotes.map(({ text, citation }) => `${text} [${citation.index}]`).join(" ") || NO_ANSWER,
        answered: quotes.length > 0,
        promptTokens: 0,
        completionTokens: 0,
        finishReason: "stop",
        model: MODEL,
      };
    },
  };
}

function supportOf(
  { title, heading, text, similarity = DEFAULT_SIMILARITY }: Citation,
  questionTerms: readonly string[],
): number {
  const terms = new Set(termsOf(`${title} ${heading} ${text}`));
  const distinct = new Set(questionTerms);
  return distinct.intersection(terms).size / (distinct.size || 1) + similarity;
}

/** Whether a text contains the question itself, for instance in a list of example questions: then it is no answer. */
function containsQuestion(text: string, question: string): boolean {
  const plain = question.trim().toLowerCase();
  return plain.endsWith("?") && text.toLowerCase().includes(plain);
}

/** The quotes with the best score by term coverage, adjacent quotes and source. */
function bestQuotes(question: string, questionTerms: readonly string[], sources: readonly Citation[]): Quote[] {
  const quotes = sources.flatMap((citation) =>
    quotableSentencesOf(citation.text)
      .filter((text) => !containsQuestion(text, question))
      .map((text): Quote => ({ text, terms: new Set(termsOf(text)), citation })),
  );
  const weights = weigh(
    questionTerms,
    quotes.map(({ terms }) => terms),
  );
  const coverage = quotes.map(({ terms }) => weights.covered(terms));
  const best = sources[0]?.score || 1;
  const ranked = quotes
    .map((quote, place) => {
      const before = quotes[place - 1];
      const introduced = before?.citation === quote.citation && before.text.endsWith(":") ? WEIGHTS.introduced : 0;
      const adjacent = [place - 1, place + 1].map((at) =>
        quotes[at]?.citation === quote.citation ? (coverage[at] ?? 0) : 0,
      );
      const context = Math.max(WEIGHTS.neighbour * Math.max(...adjacent), introduced * (adjacent[0] ?? 0));
      const source = (WEIGHTS.source * quote.citation.score) / best;
      return { quote, place, score: (coverage[place] ?? 0) + context + source };
    })
    .sort((a, b) => b.score - a.score);

  const selected = new Map<string, (typeof ranked)[number]>(); // by text: overlapping chunks share sentences
  for (const candidate of ranked) {
    const { text } = candidate.quote;
    const isGoodEnough = candidate.score >= MIN_SHARE_OF_BEST * (ranked[0]?.score ?? 0);
    if (selected.size < MAX_QUOTES && isGoodEnough && !selected.has(text)) selected.set(text, candidate);
  }
  return Array.from(selected.values())
    .sort((a, b) => a.place - b.place)
    .map(({ quote }) => quote);
}
