import type { AnswerSentence } from "./answer-sentences.ts";
import { type Layout, layoutOf, sentenceTokensOf } from "./layout.ts";
import { namesOf } from "./names.ts";
import { type NumberFact, numbersOf } from "./numbers.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { wordsOf } from "./words.ts";

/** What a sentence of an answer says, to be looked up in the sources. */
export interface Claim {
  sentence: AnswerSentence;
  layout: Layout;
  /** Its distinct terms. */
  terms: number[];
  facts: Fact[];
}

/** A number or a name of a sentence. */
export interface Fact {
  kind: "number" | "name";
  text: string;
  /** Of a name. */
  terms: number[];
  /** Of a number: its position among those of the answer. */
  number?: number;
  /** The terms of its next neighbours in the sentence. */
  neighbours: number[];
}

/** Longer answers are cut: no model writes them. */
const MAX_SENTENCES = 300;
/** On each side of a fact. */
const NEIGHBOURS = 2;

/** Reads the sentences, adding their terms to `vocabulary` and their numbers to `numbers`. Of code, only the words count. */
export function claimsOf(
  sentences: readonly AnswerSentence[],
  vocabulary: Vocabulary,
  numbers: NumberFact[],
  capitalisesNouns: boolean,
): Claim[] {
  return sentences.slice(0, MAX_SENTENCES).map((sentence) => {
    const text = sentence.text.normalize("NFKC");
    const layout = layoutOf(sentenceTokensOf(text), (word) => vocabulary.add(word));
    const terms = distinct(layout.terms);
    if (sentence.isCode) return { sentence, layout, terms, facts: [] };
    const names = namesOf(text, capitalisesNouns).map(({ text, start }): Fact => {
      const terms = distinct(wordsOf(text).map((word) => vocabulary.add(word)));
      return { kind: "name", text, terms, neighbours: neighboursOf(layout, start, start + text.length, terms) };
    });
    const found = numbersOf(text, true).map((number): Fact => {
      const end = number.start + number.text.length;
      const neighbours = neighboursOf(layout, number.start, end, []);
      return { kind: "number", text: number.text, terms: [], number: numbers.push(number) - 1, neighbours };
    });
    return { sentence, layout, terms, facts: [...names.filter(({ terms }) => terms.length > 0), ...found] };
  });
}

function neighboursOf({ tokens, terms }: Layout, start: number, end: number, own: readonly number[]): number[] {
  const isOther = (term: number | undefined) => term !== undefined && !own.includes(term);
  const before = terms.filter((term, at) => (tokens[at]?.start ?? 0) < start && isOther(term));
  const after = terms.filter((term, at) => (tokens[at]?.start ?? 0) >= end && isOther(term));
  return distinct([...before.slice(-NEIGHBOURS), ...after.slice(0, NEIGHBOURS)]);
}

function distinct(terms: readonly (number | undefined)[]): number[] {
  return [...new Set(terms)].filter((term) => term !== undefined);
}
