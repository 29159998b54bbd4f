/** Runs of the scripts whose writing does not, or not reliably, put spaces between words. */
export const UNSPACED =
  /[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&[\p{L}\p{M}\p{N}]]+/gv;

/**
 * The text as the `words` table indexes it: NFKC, and unspaced runs cut into overlapping pairs of characters, as
 * Lucene's CJKBigramFilter does: 東京都 → "東京 京都 都". The single last character lets one-character questions
 * find it as a prefix.
 */
export function searchableText(text: string): string {
  return text.normalize("NFKC").replace(UNSPACED, (run) => {
    const characters = Array.from(run);
    return ` ${characters.map((character, index) => character + (characters[index + 1] ?? "")).join(" ")} `;
  });
}
