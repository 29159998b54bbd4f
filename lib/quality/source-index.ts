import { type Layout, layoutOf } from "./layout.ts";
import { hasNumberWord, mayBeginNumber } from "./number-words.ts";
import { isSameNumber, type NumberFact, numbersOf } from "./numbers.ts";
import { sourceSentencesOf } from "./source-sentences.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { forEachWord } from "./words.ts";

/** What an answer is compared with: a chunk that the generator was given. */
export interface Source {
  /** The number in `[1]`. */
  index: number;
  title: string;
  heading: string;
  text: string;
}

/** A sentence of a source, as far as the answer shares it. */
export interface SourceSentence {
  /** Position of its source. */
  source: number;
  /** By term: how well the sentence, or its source's title and heading, has it, in [0, 1]. */
  has: readonly number[];
  /** The same of the sentences before and after it in the source too. */
  around: readonly number[];
  /** The same of the title and heading of its source. */
  above: readonly number[];
  /** The numbers of the answer that it has, by their position, and where each stands; nowhere for one above the text. */
  numbers: ReadonlyMap<number, readonly number[]>;
  /** Made when it is asked for: of few sentences. */
  layout(): Layout;
}

/** The sentences of the sources, and how rare each term of the answer is among them. */
export interface SourceIndex {
  sentences: SourceSentence[];
  /** By term: ln(1 + (N − n + ½) / (n + ½)), with N sentences, n of them with the term, as BM25 in Lucene does. */
  weights: Float64Array;
}

/** Of a sentence whose source's title or heading has the term. */
const FROM_TITLE = 0.9;
/** Of one whose neighbour has it. */
const BESIDE = 0.9;
/** More text is not looked at. */
const MAX_LENGTH = 200_000;
const NO_NUMBERS: ReadonlyMap<number, readonly number[]> = new Map();

export function indexSources(
  sources: readonly Source[],
  vocabulary: Vocabulary,
  numbers: readonly NumberFact[],
): SourceIndex {
  const counts = new Float64Array(vocabulary.size);
  const sentences: SourceSentence[] = [];
  let left = MAX_LENGTH;
  for (const [source, { title, heading, text }] of sources.entries()) {
    const above = readPassage(`${title}\n${heading}`, vocabulary, numbers);
    const first = sentences.length;
    for (const sentence of sourceSentencesOf(text.slice(0, left))) {
      const own = readPassage(sentence, vocabulary, numbers);
      for (let term = 0; term < counts.length; term += 1) {
        if ((own.has[term] ?? 0) > 0) counts[term] = (counts[term] ?? 0) + 1;
      }
      addShares(own.has, above.has, FROM_TITLE);
      for (const number of above.numbers.keys()) {
        if (!own.numbers.has(number)) own.numbers = new Map(own.numbers).set(number, []);
      }
      sentences.push({
        source,
        ...own,
        around: own.has,
        above: above.has,
        layout: once(() => layoutIn(sentence, vocabulary)),
      });
    }
    for (let at = first; at < sentences.length; at += 1) setAround(sentences, first, at);
    left = Math.max(0, left - text.length);
  }
  const n = sentences.length;
  return { sentences, weights: counts.map((count) => Math.log(1 + (n - count + 0.5) / (count + 0.5))) };
}

function readPassage(text: string, vocabulary: Vocabulary, wanted: readonly NumberFact[]) {
  const has = new Array<number>(vocabulary.size).fill(0);
  let hasNumbers = false;
  const wantsNumbers = wanted.length > 0;
  const isWanted = (first: number, second: number) =>
    vocabulary.mayMatch(first, second) || (wantsNumbers && mayBeginNumber(first, second));
  forEachWord(text, isWanted, (word) => {
    const match = vocabulary.match(word);
    if (match && (has[match.term] ?? 0) < match.share) has[match.term] = match.share;
    hasNumbers ||= wantsNumbers && hasNumberWord(word);
  });
  return { has, numbers: hasNumbers ? placesOf(text, wanted) : NO_NUMBERS };
}

/** Where the wanted numbers stand in a text. */
function placesOf(text: string, wanted: readonly NumberFact[]): ReadonlyMap<number, readonly number[]> {
  const places = new Map<number, number[]>();
  for (const found of numbersOf(text.normalize("NFKC"), false)) {
    for (const [position, number] of wanted.entries()) {
      if (isSameNumber(number, found)) places.set(position, [...(places.get(position) ?? []), found.start]);
    }
  }
  return places;
}

function addShares(to: number[], from: readonly number[], share: number): void {
  for (let term = 0; term < from.length; term += 1) {
    const value = share * (from[term] ?? 0);
    if (value > (to[term] ?? 0)) to[term] = value;
  }
}

function setAround(sentences: readonly SourceSentence[], first: number, at: number): void {
  const sentence = sentences[at];
  if (!sentence) return;
  const around = sentence.has.slice();
  for (const beside of [at - 1, at + 1]) {
    const other = beside < first ? undefined : sentences[beside];
    if (other) addShares(around, other.has, BESIDE);
  }
  sentence.around = around;
}

function layoutIn(text: string, vocabulary: Vocabulary): Layout {
  return layoutOf(text, (word) => vocabulary.match(word)?.term);
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Whether a passage has all of the terms. */
export function hasAll(has: readonly number[], terms: readonly number[]): boolean {
  return terms.every((term) => (has[term] ?? 0) > 0);
}
