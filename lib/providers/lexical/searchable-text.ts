/** Runs of characters of scripts that do not reliably put spaces between words. */
export const UNSPACED =
  /[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&[\p{L}\p{M}\p{N}]]+/gv;

/**
 * Prepares a text for the `words` index: NFKC, and unspaced runs split into overlapping character pairs, like Lucene's
 * CJKBigramFilter: 東京都 → "東京 京都 都". The single last character lets one-character queries match as a prefix.
 */
export function searchableText(text: string): string {
  return text.normalize("NFKC").replace(UNSPACED, (run) => {
    const characters = Array.from(run);
    return ` ${characters.map((character, index) => character + (characters[index + 1] ?? "")).join(" ")} `;
  });
}
