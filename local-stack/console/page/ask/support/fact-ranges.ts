import type { Range } from "../../shell/markdown/visible-text.ts";

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** Where a text has one of the facts, not as a part of a longer word or number; ascending. */
export function factRanges(text: string, facts: readonly string[]): Range[] {
  const ranges: Range[] = [];
  for (const fact of facts) {
    for (let start = text.indexOf(fact); start !== -1; start = text.indexOf(fact, start + 1)) {
      const end = start + fact.length;
      if (!LETTER_OR_DIGIT.test(`${text[start - 1] ?? ""}${text[end] ?? ""}`)) ranges.push({ start, end });
    }
  }
  return ranges.toSorted((one, other) => one.start - other.start);
}
