import { questionTermsOf, termsOf, weigh } from "#providers/lexical/terms.ts";
import type { Citation, Generator } from "#rag/ports.ts";
import { quotableSentencesOf } from "./quotable-sentences.ts";

const MODEL = "extractive-quotes (no language model)";
const NO_ANSWER = "The documents do not answer this question.";

const MAX_QUOTES = 3;
/** Quotes from further down are seldom part of an answer, and looking at them takes time. */
const MAX_SOURCES = 3;

// Measured: docs/decisions/0005-embedded-retrieval.md.
/** A source supports an answer when the share of the question's words it has plus its cosine reach this. */
const MIN_SUPPORT = 0.8;
/** The cosine taken for granted where the store knows none. */
const USUAL_SIMILARITY = 0.4;
/**
 * What counts for a quote besides the share of the question's words it has, which counts 1: its source's score, and
 * the words of the quotes beside it, most of all of one like "Start it with:".
 */
const WEIGHTS = { source: 1, neighbour: 0.4, introduced: 1 };
/** A quote that scores less than this share of the best one is left out. */
const MIN_SHARE_OF_BEST = 0.65;

interface Quote {
  text: string;
  terms: ReadonlySet<string>;
  citation: Citation;
}

/**
 * Answers with at most three sentences of the citations, word for word and in their order, each followed by the
 * number of its source; or says that the documents do not answer, when no source is about the question. Makes
 * nothing up, costs nothing, and cannot combine or infer.
 */
export function createExtractiveGenerator(): Generator {
  return {
    provider: "edge-rag",
    model: MODEL,
    async generate({ question, citations }) {
      const asked = questionTermsOf(question);
      const sources = citations.slice(0, MAX_SOURCES);
      const supported = sources.some((source) => support(asked, source) >= MIN_SUPPORT);
      const quotes = supported ? bestQuotes(question, asked, sources) : [];
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

function support(asked: readonly string[], { title, heading, text, similarity = USUAL_SIMILARITY }: Citation): number {
  const terms = new Set(termsOf(`${title} ${heading} ${text}`));
  const distinct = new Set(asked);
  return distinct.intersection(terms).size / (distinct.size || 1) + similarity;
}

/** Whether a text asks the question itself, as an example or in a list of questions: then it is no answer. */
function asks(text: string, question: string): boolean {
  const plain = question.trim().toLowerCase();
  return plain.endsWith("?") && text.toLowerCase().includes(plain);
}

/** The quotes that have most of the question's words, stand next to such a one, and come from the best sources. */
function bestQuotes(question: string, asked: readonly string[], sources: readonly Citation[]): Quote[] {
  const quotes = sources.flatMap((citation) =>
    quotableSentencesOf(citation.text)
      .filter((text) => !asks(text, question))
      .map((text): Quote => ({ text, terms: new Set(termsOf(text)), citation })),
  );
  const weights = weigh(
    asked,
    quotes.map(({ terms }) => terms),
  );
  const own = quotes.map(({ terms }) => weights.covered(terms));
  const best = sources[0]?.score || 1;
  const ranked = quotes
    .map((quote, place) => {
      const before = quotes[place - 1];
      const introduced = before?.citation === quote.citation && before.text.endsWith(":") ? WEIGHTS.introduced : 0;
      const beside = [place - 1, place + 1].map((at) => (quotes[at]?.citation === quote.citation ? (own[at] ?? 0) : 0));
      const context = Math.max(WEIGHTS.neighbour * Math.max(...beside), introduced * (beside[0] ?? 0));
      const source = (WEIGHTS.source * quote.citation.score) / best;
      return { quote, place, score: (own[place] ?? 0) + context + source };
    })
    .sort((a, b) => b.score - a.score);

  const kept = new Map<string, (typeof ranked)[number]>(); // by text: overlapping chunks have sentences in common
  for (const candidate of ranked) {
    const worthIt = candidate.score >= MIN_SHARE_OF_BEST * (ranked[0]?.score ?? 0);
    if (kept.size < MAX_QUOTES && worthIt && !kept.has(candidate.quote.text)) kept.set(candidate.quote.text, candidate);
  }
  return Array.from(kept.values())
    .sort((a, b) => a.place - b.place)
    .map(({ quote }) => quote);
}
