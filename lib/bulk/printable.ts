/**
 * Control, format and private-use characters, line separators, lone surrogates and unassigned code points: whatever
 * moves the cursor, recolours, reorders or hides text in a terminal. Joiners (U+200C, U+200D) stay: Persian and emoji
 * need them.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/gu;

/** Longest line; a server's error text can be of any length. */
const MAX_LENGTH = 4_000;

/** One line of text that is safe to write to a terminal: unsafe characters as `\x1b` or `\u{202e}`, long text cut. */
export function printable(text: string): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}… (cut)` : text;
  return cut.replace(UNSAFE, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u{${code}}`;
  });
}
