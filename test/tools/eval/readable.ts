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
/** Inline code may show any of these. */
const CODE = /`[^`\n]+`/g;

/** What is unreadable in an answer; empty when nothing is. */
export function unreadableIn(answer: string): string[] {
  const text = answer.replace(CODE, "code");
  return Object.entries(UNREADABLE).flatMap(([what, pattern]) => (pattern.test(text) ? [what] : []));
}

export function isReadable(answer: string): boolean {
  return unreadableIn(answer).length === 0;
}
