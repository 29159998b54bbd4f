/** At the end of a line. A soft hyphen is only seen there. */
const AT_END = /([\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*)([-\u2010\u00AD])$/u;
const AT_START = /^\p{Ll}[\p{L}\p{M}]*/u;
const WORD = /[\p{L}\p{M}\p{N}]+(?:[-\u2010][\p{L}\p{M}\p{N}]+)*/gu;

/** How often each word of a text occurs, in lower case, those with hyphens as one. */
export function wordCounts(lines: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    for (const [word] of line.matchAll(WORD)) {
      const key = word.toLowerCase().replaceAll("\u2010", "-");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/**
 * Two lines as one. A word that is divided between them is joined: with its hyphen if the document has it with one elsewhere
 * and not without, or if it is a name or a compound already.
 */
export function joinLines(line: string, next: string, words: ReadonlyMap<string, number>): string {
  const [, head = "", hyphen] = AT_END.exec(line) ?? [];
  const [tail] = AT_START.exec(next) ?? [];
  if (hyphen === undefined) return `${line} ${next}`;
  if (hyphen === "\u00AD") return line.slice(0, -1) + next;
  // "pages 3-" and "5", "A-" and "B", "two- and three-fold".
  if (tail === undefined) return /^[\p{L}\p{N}]/u.test(next) ? line + next : `${line} ${next}`;
  if (/^(?:and|or|und|oder|bzw|to|bis|et|ou|y|o|e)$/.test(tail)) return `${line} ${next}`;
  const joined = words.get((head + tail).toLowerCase()) ?? 0;
  const hyphenated = words.get(`${head}-${tail}`.toLowerCase()) ?? 0;
  const isCompound = /[-\p{Nd}]|^\p{Lu}+$|^\p{L}$/u.test(head);
  return joined > hyphenated || (joined === hyphenated && !isCompound) ? line.slice(0, -1) + next : line + next;
}
