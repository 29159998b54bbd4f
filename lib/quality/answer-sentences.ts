import { citedIn } from "#rag/cited.ts";
import { type Span, sentencesOf } from "#rag/segment.ts";

/** A sentence of an answer, or a block of code, without its citations. */
export interface AnswerSentence {
  /** Of the answer: `answer.slice(start, end)`. */
  start: number;
  end: number;
  text: string;
  isCode: boolean;
  /** Numbers of the sources that are cited in it or right behind it, in order. */
  cited: number[];
  /** Begins a paragraph, a list item or a row. */
  isFirst: boolean;
}

const FENCE = /^[ \t]*(```|~~~)[^\n]*\n[\s\S]*?(?:^[ \t]*\1[^\n]*$|$(?![\s\S]))/gm;
const FENCE_LINE = /^[ \t]*(?:```|~~~)[^\n]*$/gm;
const MARKS = /(?:\[\d+(?:\s*,\s*\d+)*\])+/g;
const CODE_SPAN = /`[^`\n]*`/g;
const PARAGRAPH = /[^\n]+(?:\n(?![ \t]*\n)[^\n]*)*\n?/g;
const TABLE_RULE_OR_HEADING = /^[\s|:-]*$|^\s*#{1,6}\s/;
/** Introduces what follows: "These are the steps:" */
const LEAD_IN = /[:：]\s*$/;
/** Unicode's rules see no end before a code span or a bracket, and what looks like one inside of a code span. */
const END_BEFORE_SIGN = /(?<=[.!?])\s+(?=[`(*])/g;

/** The sentences of an answer in order, with the sources that each cites. A mark behind a sentence's end belongs to it. */
export function answerSentencesOf(answer: string, known: ReadonlySet<number>): AnswerSentence[] {
  const sentences: AnswerSentence[] = [];
  let at = 0;
  for (const { 0: code, index } of answer.matchAll(FENCE)) {
    addProse(answer, at, index, known, sentences);
    const text = code.replace(FENCE_LINE, "");
    sentences.push({ start: index, end: index + code.length, text, isCode: true, cited: [], isFirst: true });
    at = index + code.length;
  }
  addProse(answer, at, answer.length, known, sentences);
  return sentences.filter(({ text, cited }) => cited.length > 0 || !LEAD_IN.test(text));
}

/** Adds the sentences of `answer.slice(from, to)`. */
function addProse(answer: string, from: number, to: number, known: ReadonlySet<number>, sentences: AnswerSentence[]) {
  const prose = answer.slice(from, to);
  const marks = marksOf(prose, known);
  const plain = marks.reduce(
    (text, { start, end }) => text.slice(0, start) + " ".repeat(end - start) + text.slice(end),
    prose,
  );
  const added: AnswerSentence[] = [];
  for (const { 0: paragraph, index } of plain.matchAll(PARAGRAPH)) {
    let isFirst = true;
    for (const { start, end } of sentencesOf(paragraph).flatMap((span) => dividedBeforeSigns(paragraph, span))) {
      const text = paragraph.slice(start, end);
      if (TABLE_RULE_OR_HEADING.test(text)) continue;
      const offset = from + index;
      added.push({ start: offset + start, end: offset + end, text, isCode: false, cited: [], isFirst });
      isFirst = false;
    }
  }
  for (const { start, numbers } of marks) {
    const sentence = added.findLast((each) => each.start < from + start) ?? added[0] ?? sentences.at(-1);
    sentence?.cited.push(...numbers.filter((number) => !sentence.cited.includes(number)));
  }
  sentences.push(...added);
}

interface Mark {
  start: number;
  end: number;
  numbers: number[];
}

/** Of known sources, and not in code. */
function marksOf(prose: string, known: ReadonlySet<number>): Mark[] {
  if (!prose.includes("[")) return [];
  const spans = Array.from(prose.matchAll(CODE_SPAN), ({ 0: { length }, index }) => [index, index + length] as const);
  return Array.from(prose.matchAll(MARKS), ({ 0: mark, index: start }) => {
    const isInCode = spans.some(([from, to]) => from < start && start < to);
    const numbers = isInCode ? [] : citedIn(mark, known).filter((number) => known.has(number));
    return { start, end: start + mark.length, numbers };
  }).filter(({ numbers }) => numbers.length > 0);
}

function dividedBeforeSigns(text: string, { start, end }: Span): Span[] {
  const ends = Array.from(
    text.slice(start, end).matchAll(END_BEFORE_SIGN),
    ({ 0: space, index }) => start + index + space.length,
  );
  return [start, ...ends].map((from, at) => ({ start: from, end: ends[at] ?? end }));
}
