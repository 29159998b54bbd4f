/** A word of a text, lower case, and where it is. */
export interface Word {
  word: string;
  start: number;
  end: number;
}

/**
 * Letters and digits; everything else separates, so that marks of Markdown make no difference.
 *
 * @param offset where the text begins
 */
export function wordsOf(text: string, offset = 0): Word[] {
  return Array.from(text.matchAll(/[\p{L}\p{N}]+/gu), ({ 0: word, index }) => ({
    word: word.toLowerCase(),
    start: offset + index,
    end: offset + index + word.length,
  }));
}
