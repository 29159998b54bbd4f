import type { Range } from "../../shell/markdown/visible-text.ts";
import { type Word, wordsOf } from "./words.ts";

/** A shorter one may be anywhere by chance. */
const MIN_LITERAL_WORDS = 3;
/** Words that both have, of those that one has, as a cosine. */
const MIN_SIMILARITY = 0.3;
const MIN_SHARED_WORDS = 3;
/** Shorter words, such as articles, say nothing. */
const MIN_WORD_LENGTH = 3;
/** A sentence, or a line without one, such as an item or a row. */
const SENTENCE = /[^\n.!?]+(?:[.!?]+(?!\s|$)[^\n.!?]*)*[.!?]*/g;

/**
 * Where a passage says what the answer has of it: sentences that are quoted, or else for each sentence the one of the
 * passage that shares most words with it.
 *
 * @returns ranges of the passage, ascending and apart
 */
export function quotedRanges(passage: string, quotes: readonly string[]): Range[] {
  const words = wordsOf(passage);
  const places = Map.groupBy(words.keys(), (at) => words[at]?.word ?? "");
  const sentences = sentencesIn(passage);
  const found = quotes
    .flatMap((quote) => sentencesIn(quote).map(({ words }) => words))
    .map((quoted) => literal(quoted, words, places) ?? nearest(quoted, sentences))
    .filter((range) => range !== undefined);
  return joined(found, passage);
}

interface Sentence {
  words: Word[];
}

function sentencesIn(text: string): Sentence[] {
  return Array.from(text.matchAll(SENTENCE), ({ 0: sentence, index }) => ({ words: wordsOf(sentence, index) }));
}

/** Where these words stand side by side. */
function literal(
  quoted: readonly Word[],
  words: readonly Word[],
  places: ReadonlyMap<string, number[]>,
): Range | undefined {
  if (quoted.length < MIN_LITERAL_WORDS) return undefined;
  const isAt = (at: number) => quoted.every(({ word }, offset) => words[at + offset]?.word === word);
  const at = places.get(quoted[0]?.word ?? "")?.find(isAt);
  if (at === undefined) return undefined;
  return rangeOf(words.slice(at, at + quoted.length));
}

function rangeOf(words: readonly Word[]): Range {
  return { start: words[0]?.start ?? 0, end: words.at(-1)?.end ?? 0 };
}

function nearest(quoted: readonly Word[], sentences: readonly Sentence[]): Range | undefined {
  const asked = tellingWords(quoted);
  let best: Range | undefined;
  let highest = MIN_SIMILARITY;
  for (const { words } of sentences) {
    const told = tellingWords(words);
    const shared = asked.intersection(told).size;
    const similarity = shared / Math.sqrt(asked.size * told.size);
    if (shared < MIN_SHARED_WORDS || similarity <= highest) continue;
    highest = similarity;
    best = rangeOf(words);
  }
  return best;
}

function tellingWords(words: readonly Word[]): Set<string> {
  return new Set(words.map(({ word }) => word).filter(({ length }) => length >= MIN_WORD_LENGTH));
}

/** In order, those with no word between them as one, each with the punctuation that ends it. */
function joined(ranges: readonly Range[], text: string): Range[] {
  const result: Range[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const closed = end + (/^[.!?;:,)\]"'”’]+/.exec(text.slice(end))?.[0].length ?? 0);
    const last = result.at(-1);
    if (last && !/[\p{L}\p{N}\n]/u.test(text.slice(last.end, start))) last.end = Math.max(last.end, closed);
    else result.push({ start, end: closed });
  }
  return result;
}
