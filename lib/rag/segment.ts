import { ITEM } from "./markdown.ts";

/** A half-open range of a text: `text.slice(start, end)`. */
export interface Span {
  start: number;
  end: number;
}

/** The label of a question, an answer or a step: such a line never continues the sentence above it either. */
const LABEL =
  /^[ \t]*(?:\*\*|__)?(?:(?:Q|A|F|Question|Answer|Frage|Antwort|Step|Schritt)[ \t]?\d{0,3}[.):]|\((?:\d{1,2}|[a-z])\)[ \t])/;

const SEGMENTERS = new Map<string, Intl.Segmenter>();

/**
 * Where Unicode's sentence rules (UAX 29) see a false sentence end: after an initial or an abbreviation, after the number of
 * a list item, and inside "a?b" or a URL, where no white space follows.
 */
const NO_END =
  /(?:[!-~]|(?:^|[\s(."“])(?:\p{Lu}|Dr|Mrs?|Ms|St|Mt|Ft|Prof|Gen|Col|Sgt|Rev|Hon|Jr|Sr|vs|No|Nos|Vol|Fig|e\.g|i\.e|cf|ca|approx|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.\s*|(?:^|\n)[ \t]*\d{1,9}\.[ \t]*)$/u;
/** Characters at the end of a sentence that {@link NO_END} is matched against. */
const TAIL = 12;
/** A text this short counts as one sentence: segmenting it costs 5 µs, much for 300,000 tiny paragraphs. */
const SHORT = 8;

/** Splits into sentences. A line break ends one only where a list item, table row, quote, question,
 * answer or step begins. Covers the text. */
export function sentencesOf(text: string): Span[] {
  if (text.length <= SHORT) return [{ start: 0, end: text.length }];
  const prose = text.replaceAll("\n", (_, at: number) => {
    const line = text.slice(at + 1, at + 1 + 2 * TAIL);
    return ITEM.test(line) || LABEL.test(line) ? "\n" : " ";
  });
  const spans: Span[] = [];
  let start = 0;
  for (const { segment, index } of segmenter("sentence").segment(prose)) {
    const end = index + segment.length;
    if (end < text.length && NO_END.test(prose.slice(Math.max(start, end - TAIL), end))) continue;
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

/** Splits after every line break. Covers the text. */
export function linesOf(text: string): Span[] {
  return matches(text, /[^\n]*\n|[^\n]+$/g);
}

/** Splits before every run of non-space; leading space stays with the first run. Covers the text. */
export function spacedWordsOf(text: string): Span[] {
  return matches(text, /^\s+\S*\s*|\S+\s*/g);
}

/** Splits at the word boundaries of UAX 29 (by dictionary for Chinese and Japanese). Covers the text. */
export function wordsOf(text: string): Span[] {
  return Array.from(segmenter("word").segment(text), spanOf);
}

/**
 * Splits into runs of whole graphemes, each as long as fits into `length` UTF-16 code units. Covers the text. Looks only
 * at the graphemes where runs end: segmenting all of them takes a second per million characters.
 */
export function graphemeRunsOf(text: string, length: number): Span[] {
  const graphemes = segmenter("grapheme").segment(text);
  const spans: Span[] = [];
  for (let start = 0, end = 0; start < text.length; start = end) {
    const next = graphemes.containing(start + Math.max(1, Math.floor(length)));
    end = next?.index ?? text.length;
    if (end <= start) end = start + (graphemes.containing(start)?.segment.length ?? 1);
    spans.push({ start, end });
  }
  return spans;
}

/** Splits into runs of `length` UTF-16 code units, or one less: no surrogate pair is split. Covers the text. */
export function codePointRunsOf(text: string, length: number): Span[] {
  return matches(text, new RegExp(`[^]{1,${length}}(?<![\\uD800-\\uDBFF](?=[\\uDC00-\\uDFFF]))`, "g"));
}

/** Created on first use: all three take 11 ms, which no cold start should wait for. */
function segmenter(granularity: "sentence" | "word" | "grapheme"): Intl.Segmenter {
  const segmenter = SEGMENTERS.get(granularity) ?? new Intl.Segmenter("en", { granularity });
  SEGMENTERS.set(granularity, segmenter);
  return segmenter;
}

function spanOf({ index, segment }: { index: number; segment: string }): Span {
  return { start: index, end: index + segment.length };
}

function matches(text: string, pattern: RegExp): Span[] {
  return Array.from(text.matchAll(pattern), ({ 0: segment, index }) => spanOf({ index, segment }));
}
