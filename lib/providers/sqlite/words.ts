import { UNSPACED } from "#providers/lexical/searchable-text.ts";
import { STOP_WORDS } from "#providers/lexical/stop-words.ts";

/** More words than this add time to a search and nothing to its result. */
const MAX_QUERY_WORDS = 64;

/** What the tokenizer of the `words` table takes for a word. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/**
 * The words of the question as terms of FTS5, none twice. Every word is quoted, so nothing in a question is taken for
 * an operator. English stop words are left out if other words stay.
 */
export function wordsOf(question: string): string[] {
  const text = question.normalize("NFKC").toLowerCase();
  const spaced = text.replace(UNSPACED, " ").match(WORD) ?? [];
  const telling = spaced.filter((word) => !STOP_WORDS.has(word));
  const unspaced = text.match(UNSPACED) ?? [];
  const words = telling.length + unspaced.length > 0 ? telling : spaced;
  const terms = [...words.map((word) => `"${word}"`), ...unspaced.flatMap(pairs)];
  return [...new Set(terms)].slice(0, MAX_QUERY_WORDS);
}

function pairs(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length === 1) return [`"${run}"*`];
  return characters.slice(1).map((character, index) => `"${characters[index]}${character}"`);
}
