import { termsOf } from "#providers/lexical/terms.ts";
import type { Highlight } from "#rag/ports.ts";

const WORD = /[\p{L}\p{N}]+(?:[-_.'’/][\p{L}\p{N}]+)*|`[^`]+`/gu;
/** Letters between two words of a highlight: "telemetry, off". */
const BETWEEN = /^[\s,()-]{1,3}$/;

/** Where a text has words that were asked for; words side by side are one highlight. */
export function highlightsIn(text: string, questionTerms: readonly string[]): Highlight[] {
  const asked = new Set(questionTerms);
  const highlights: Highlight[] = [];
  for (const { 0: word, index: start } of text.matchAll(WORD)) {
    if (!termsOf(word).some((term) => asked.has(term))) continue;
    const end = start + word.length;
    const last = highlights.at(-1);
    if (last && BETWEEN.test(text.slice(last.end, start))) last.end = end;
    else highlights.push({ start, end });
  }
  return highlights;
}
