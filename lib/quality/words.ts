import { UNSPACED } from "#rag/unspaced.ts";
import { FUNCTION_WORDS } from "./function-words.ts";

/** What is known of a language: of English, the parts of the search index. */
export interface Lexicon {
  /** The form that a word shares with its inflections. */
  stem(word: string): string;
  /** Whether a word says nothing by itself: "the", "which". */
  isCommon(word: string): boolean;
}

/** Texts that are lower-cased and split by expressions without Unicode's classes, which take eight times as long. */
const LATIN = /^[\0-\u024f\u2000-\u206f\u20ac]*$/;
const LATIN_WORD = /[a-z0-9_\u00b5\u00df-\u00f6\u00f8-\u024f]+/g;
const WORD = /[\p{L}\p{M}\p{N}_]+/gu;
/** What an apostrophe leaves of "it's" and "won't". */
const LEFTOVER: ReadonlySet<string> = new Set(["s", "t", "d", "ll", "re", "ve"]);

/**
 * The words of a text in order, in lower case; identifiers with underscores are one word. Unspaced scripts are overlapping
 * pairs of characters: 東京都 → 東京 京都.
 */
export function wordsOf(text: string): string[] {
  if (isLatin(text)) return text.toLowerCase().match(LATIN_WORD) ?? [];
  const plain = text.normalize("NFKC").toLowerCase().replace(UNSPACED, inPairs);
  return plain.match(WORD) ?? [];
}

function inPairs(run: string): string {
  const characters = Array.from(run);
  if (characters.length === 1) return ` ${run} `;
  const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  return ` ${pairs.join(" ")} `;
}

/** A word with its place. */
export interface Token {
  word: string;
  /** In UTF-16 code units, of the text in NFKC. */
  start: number;
  /** Number of the clause: commas, colons, brackets and ends of sentences separate them. */
  clause: number;
}

const LATIN_WORD_OR_BREAK = /[a-z0-9_\u00b5\u00df-\u00f6\u00f8-\u024f]+|[,;:()[\]–—]|[.!?](?=\s|$)/g;
const WORD_OR_BREAK = /[\p{L}\p{M}\p{N}_]+|[,;:()[\]–—。、，；：]|[.!?](?=\s|$)/gu;
/** One of them is a whole match. */
const BREAKS: ReadonlySet<string> = new Set(",;:()[]–—。、，；：.!?");

/** Whether a text has no letters of other scripts, nor what NFKC would change into such. */
export function isLatin(text: string): boolean {
  return LATIN.test(text);
}

/** The words as {@link wordsOf} has them, with their places; takes several times as long. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const hasWords = isLatin(text);
  const plain = (hasWords ? text : text.normalize("NFKC")).toLowerCase();
  let clause = 0;
  forEachMatch(hasWords ? LATIN_WORD_OR_BREAK : WORD_OR_BREAK, plain, (match, start) => {
    if (BREAKS.has(match)) clause += 1;
    else if (hasWords) tokens.push({ word: match, start, clause });
    else for (const word of wordsOf(match)) tokens.push({ word, start, clause });
  });
  return tokens;
}

/** As `matchAll`, in half the time. The pattern must be global. */
export function forEachMatch(pattern: RegExp, text: string, run: (match: string, start: number) => void): void {
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) run(found[0], found.index);
}

/** Whether a word counts as a term: not a common word, nor a number, which is compared by its value. */
export function isTerm(word: string, lexicon: Lexicon): boolean {
  return !(LEFTOVER.has(word) || FUNCTION_WORDS.has(word) || lexicon.isCommon(word) || /^\d/.test(word));
}

/**
 * The first letters of a long word, which inflections share in languages that the stemmer does not know. McNamee and
 * Mayfield, "Character N-Gram Tokenization for European Language Text Retrieval" (2004): truncation to 4 or 5 letters
 * does about as well as stemming.
 */
export function truncated(word: string): string | undefined {
  const length = LATIN.test(word) ? 5 : 4;
  return word.length > length && !word.includes("_") ? word.slice(0, length) : undefined;
}
