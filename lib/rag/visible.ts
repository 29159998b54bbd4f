/**
 * Characters that nothing is seen of: soft hyphens (with the line break that one shows at), zero-width spaces, word joiners,
 * byte order marks, invisible operators, overrides of the direction, annotation marks, and tags, but those of flags (group 1).
 */
const INVISIBLE =
  /\u00AD(?:[ \t]*\r?\n[ \t]*)?|[\u180E\u2060-\u2064\u202D\u202E\uFEFF\uFFF9-\uFFFB]|(?<![\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{M}])\u200B|(\u{1F3F4}[\u{E0020}-\u{E007E}]{1,6}\u{E007F})|[\u{E0000}-\u{E007F}]/gu;
/** Joiners that shape no letter: scripts such as Arabic and Devanagari, and emoji, need theirs. */
const JOINER = /(?<=^|[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{Nd}\p{P}\s])[\u200C\u200D]/gu;
/** Marks of direction: without a letter that is written from right to left they change nothing. */
const DIRECTION = /[\u061C\u200E\u200F\u202A-\u202C\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}\p{sc=Thaa}\p{sc=Nkoo}\p{sc=Adlm}]/u;
const MAY_BE_INVISIBLE =
  /[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u;

/** The text without its invisible characters. Those that shape letters, emoji or a line's direction stay. */
export function visibleText(text: string): string {
  if (!MAY_BE_INVISIBLE.test(text)) return text;
  const visible = text.replace(INVISIBLE, "$1").replace(JOINER, "");
  return RIGHT_TO_LEFT.test(visible) ? visible : visible.replace(DIRECTION, "");
}

/** The text with `\n` in place of CR, CRLF, NEL, tabulations and feeds of lines, and the separators of lines and paragraphs. */
export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?|[\v\f\u0085\u2028]/g, "\n").replaceAll("\u2029", "\n\n");
}
