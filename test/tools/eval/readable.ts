/** What a reader of an answer should never see, by what it is. */
const UNREADABLE: Readonly<Record<string, RegExp>> = {
  "a JSON object": /\{\s*"[^"]*"\s*:/,
  "an event of a stream": /^(?:event|data): /m,
  "the separator of a table": /\|\s*:?-{3,}:?\s*\|/,
  "a row of a table": /^\s*\|.*\|\s*$/m,
  "an HTML comment": /<!--|-->/,
  "an HTML tag":
    /<\/?(?:a|b|br|code|details|div|em|h[1-6]|i|img|kbd|li|ol|p|pre|span|strong|su[bp]|summary|table|t[dhr]|ul)\b[^>]*>/i,
  "a Markdown link or image": /!?\[[^\]]*\]\([^)]*\)/,
  "a reference of a link": /^\[[^\]]+\]: \S+/m,
  "the mark of a heading": /^#{1,6} /m,
  "a fence": /^\s*(?:`{3}|~{3})/m,
  "bold or italic marks": /\*\*[^*\s]|__[^_\s]+__/,
  "an empty quote": /(?:^|\s)(?:""|“”|``)(?=\s|$)/,
};
/** Inline code may show any of these, and so may the body of a request in a command for the shell. */
const CODE = /`[^`\n]+`|(?<= -d )'[^']*'/g;

/** As citations are marked; after a letter or a digit it is an index, such as `list[12]`. */
const MARK = /(?<![\p{L}\p{N}_])\[(\d+)\]/gu;

/**
 * What is unreadable in an answer; empty when nothing is.
 *
 * @param citations number of the answer's citations, which `[1]` to `[n]` refer to
 */
export function unreadableIn(answer: string, citations = Number.POSITIVE_INFINITY): string[] {
  const text = answer.replace(CODE, "code");
  const found = Object.entries(UNREADABLE).flatMap(([what, pattern]) => (pattern.test(text) ? [what] : []));
  const marks = [...text.matchAll(MARK)].map(([, number]) => Number(number));
  return marks.some((mark) => mark < 1 || mark > citations) ? [...found, "a mark that is no citation"] : found;
}

export function isReadable(answer: string, citations?: number): boolean {
  return unreadableIn(answer, citations).length === 0;
}
