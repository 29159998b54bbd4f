import { STOP_WORDS } from "./stop-words.ts";
import { QUESTION_WORDS } from "./terms.ts";

/** A word, or a sign that may end a clause. */
const TOKEN = /[\p{L}\p{M}\p{N}]+(?:[-._/'’][\p{L}\p{M}\p{N}]+)*|[,;:.?!()]/gu;
const SIGN = /^[,;:.?!()]$/;
const NAME = /\p{Lu}|\p{N}|[_./]/u;

export const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/));

const COURTESY = set(
  "bye cool fine good great hello hey hi nice no ok okay perfect please right sorry thank thanks thx well wow yes",
);
const INDEFINITE = set(
  "anybody anyone anything everybody everyone everything nobody nothing somebody someone something",
);

/** The words of a question and the signs between them, in order. */
export function tokensOf(text: string): string[] {
  return Array.from(text.matchAll(TOKEN), ([token]) => token);
}

export function isSign(token: string): boolean {
  return SIGN.test(token);
}

/** Whether a word says what a question is about: no function word, no word of phrases such as "what happens when". */
export function isSignificant(token: string): boolean {
  const word = token.toLowerCase();
  if (isSign(word) || isCourtesy(word) || STOP_WORDS.has(word) || INDEFINITE.has(word)) return false;
  return !QUESTION_WORDS.has(word) && !QUESTION_WORDS.has(word.replace(/s$/, ""));
}

export function isCourtesy(word: string): boolean {
  return COURTESY.has(word);
}

/** Whether a word looks like a name or a technical term, which is understood without other words. */
export function isName(word: string): boolean {
  return NAME.test(word);
}
