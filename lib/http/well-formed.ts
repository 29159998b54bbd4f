/**
 * Text every store and model can take: NUL and lone surrogates, which JSON can carry but UTF-8 or C strings
 * cannot, become U+FFFD (as CommonMark 2.3 asks for NUL).
 */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}
