/** Names of HTML elements: `<file>` in a text is a placeholder, not a tag. */
const TAG =
  /<\/?(?:a|abbr|address|article|aside|audio|b|blockquote|body|br|button|caption|center|cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|mark|meta|nav|noscript|object|ol|optgroup|option|p|picture|pre|q|rp|rt|ruby|s|samp|script|section|select|small|source|span|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video|wbr)\b[^<>]*\/?>/gi;
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
/** The end of a comment whose beginning is in another chunk. */
const COMMENT_END = /^(?:(?!<!--)[\s\S])*?-->/;

const CODE_SPAN = /(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g;
/** An image, also as the text of a link. */
const IMAGE =
  /\[\s*!\[[^\]]*\](?:\([^()]*\)|\[[^\]]*\])\s*\](?:\([^()]*\)|\[[^\]]*\])?|!\[[^\]]*\](?:\([^()]*\)|\[[^\]]*\])/g;
const LINK = /\[([^[\]]*)\](?:\((?:[^()\s]|\([^()]*\))*(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)|\[[^\]]*\])/g;
const AUTOLINK = /<((?:https?|mailto|ftp):[^<>\s]+)>/g;
/**
 * Marks of footnotes and of an encyclopedia's editors, which would read as citations of this answer: directly after a word
 * or the end of a sentence, or between words.
 */
const FOOTNOTE =
  /\s?\[(?:\^[^\]\s]+|(?:note|nb|fn)\s?\w{1,3}|edit|(?:citation|clarification) needed|who\?|when\?)\](?!\()|(?<=\S)\[(?:\d{1,4}(?:\s*[,–-]\s*\d{1,4})*|[a-z])\](?!\()/gi;
const NUMBERS = /(\S+)(\s)(\[\d{1,4}(?:\s*[,–-]\s*\d{1,4})*\])(?!\()/g;
/** Words before numbers in brackets that are meant: "in [0, 1]", "written as [1]". */
const MEANT = /^(?:an?|and|as|at|by|cites?|from|in|is|like|of|or|than|the|to|use[ds]?|with|writes?|written|=):?$/i;
/** An index after the name of a variable: `A[0]`, `user_ids[2]`. */
const INDEXED = /(?<![\w`])(?:[A-Za-z]|\w*(?:_\w|[a-z][A-Z])\w*)(?:\[\d{1,4}\])+/g;
const ESCAPE = /\\([!-/:-@[-`{-~])/g;
const STRONG = /(\*\*|~~|(?<!\w)__)(?=\S)([\s\S]*?\S)\1/g;
const EMPHASIS = /(?<![\w*\\])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])|(?<![\w\\])_(?=[^\s_])([^_\n]*[^\s_])_(?!\w)/g;
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", ndash: "–", mdash: "—", hellip: "…" },
  ...{ lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", copy: "©", times: "×", rarr: "→", larr: "←" },
};

/** Removes HTML comments, also those that begin or end outside of the text. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT_END, "").replace(COMMENT, "");
}

/**
 * Inline Markdown and HTML as plain text on one line: the text of links and emphasis; no tags, images and footnote marks.
 * Code spans stay as they are, in backticks; so does a number in brackets that is no footnote mark, which would read as a citation.
 */
export function readable(markdown: string): string {
  const code: string[] = [];
  const kept = (span: string): string => `\uE000${code.push(span) - 1}\uE001`;
  return markdown
    .replace(/[\uE000\uE001\u00AD\u200B\uFEFF]/g, "")
    .replace(CODE_SPAN, kept)
    .replace(IMAGE, "")
    .replace(INDEXED, (indexed) => kept(`\`${indexed}\``))
    .replace(AUTOLINK, "$1")
    .replace(LINK, "$1")
    .replace(/^\[\d{1,4}\]\s+/, "")
    .replace(FOOTNOTE, "")
    .replace(NUMBERS, (_, word: string, space: string, numbers: string) =>
      MEANT.test(word) || /\b0\b/.test(numbers) ? `${word}${space}${kept(`\`${numbers}\``)}` : word,
    )
    .replace(/<br\b[^<>]*>/gi, " ")
    .replace(TAG, "")
    .replace(ESCAPE, (_, character: string) => kept(character))
    .replace(STRONG, "$2")
    .replace(EMPHASIS, "$1$2")
    .replace(/&(#x?[\da-f]{1,6}|\w{2,8});/gi, decoded)
    .replace(/\uE000(\d+)\uE001/g, (_, place: string) => code[Number(place)] ?? "")
    .replace(/\s+/g, " ")
    .replace(/ ([,.;:!?])(?=\s|$)/g, "$1")
    .trim();
}

function decoded(entity: string, name: string): string {
  if (!name.startsWith("#")) return ENTITIES[name.toLowerCase()] ?? entity;
  const hexadecimal = /^#x/i.test(name);
  const point = Number.parseInt(name.slice(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10);
  return point > 31 && point <= 0x10ffff ? String.fromCodePoint(point) : " ";
}
