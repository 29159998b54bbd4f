import { STOP_WORDS } from "#providers/lexical/stop-words.ts";
import { normalised, wordsOf } from "#providers/lexical/words.ts";
import { UNSPACED } from "#rag/unspaced.ts";

/** More words make a search slower without improving its result. */
const MAX_QUERY_WORDS = 64;

/** What the `words` table indexes of a text: its words, each one a token for FTS5. */
export function searchableText(text: string): string {
  return wordsOf(text).join(" ");
}

/**
 * The distinct words of a question as FTS5 terms. Every word is quoted, so that nothing in a question is parsed as an
 * operator. English stop words are dropped unless there are no other words.
 */
export function questionWordsOf(question: string): string[] {
  const text = normalised(question);
  const spaced = wordsOf(text.replace(UNSPACED, " "));
  const significant = spaced.filter((word) => !STOP_WORDS.has(word));
  const unspaced = text.match(UNSPACED) ?? [];
  const words = significant.length + unspaced.length > 0 ? significant : spaced;
  const terms = [...words.map((word) => `"${word}"`), ...unspaced.flatMap(pairs)];
  return [...new Set(terms)].slice(0, MAX_QUERY_WORDS);
}

function pairs(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length === 1) return [`"${run}"*`];
  return characters.slice(1).map((character, index) => `"${characters[index]}${character}"`);
}
