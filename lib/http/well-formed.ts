/**
 * Replaces NUL and lone surrogates by U+FFFD (for NUL as in CommonMark 2.3): JSON can carry them, but not every store and
 * model accepts them.
 */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}
