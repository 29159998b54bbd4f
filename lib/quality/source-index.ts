import { type Layout, layoutOf } from "./layout.ts";
import { isSameNumber, type NumberFact } from "./numbers.ts";
import { readSource, SourceReading } from "./source-reading.ts";
import type { Vocabulary } from "./vocabulary.ts";

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
    const above = shared(new SourceReading(`${title}\n${heading}`), vocabulary, numbers);
    const first = sentences.length;
    for (const sentence of readSource(text.slice(0, left))) {
      const own = shared(sentence, vocabulary, numbers);
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
        layout: once(() => layoutOf(sentence.tokens, (word) => vocabulary.match(word)?.term)),
      });
    }
    for (let at = first; at < sentences.length; at += 1) setAround(sentences, first, at);
    left = Math.max(0, left - text.length);
  }
  const n = sentences.length;
  return { sentences, weights: counts.map((count) => Math.log(1 + (n - count + 0.5) / (count + 0.5))) };
}

/** What a sentence shares with the answer. */
function shared(sentence: SourceReading, vocabulary: Vocabulary, wanted: readonly NumberFact[]) {
  const has = new Array<number>(vocabulary.size).fill(0);
  for (const word of sentence.words) {
    if (!vocabulary.mayMatch(word)) continue;
    const match = vocabulary.match(word);
    if (match && (has[match.term] ?? 0) < match.share) has[match.term] = match.share;
  }
  const hasNumbers = wanted.length > 0 && sentence.hasNumbers;
  return { has, numbers: hasNumbers ? placesOf(sentence.numbers, wanted) : NO_NUMBERS };
}

/** Where the wanted numbers stand among those of a text. */
function placesOf(
  numbers: readonly NumberFact[],
  wanted: readonly NumberFact[],
): ReadonlyMap<number, readonly number[]> {
  const places = new Map<number, number[]>();
  for (const found of numbers) {
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
