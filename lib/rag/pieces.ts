import type { Block, Section } from "./markdown.ts";
import { codePointRunsOf, graphemeRunsOf, linesOf, type Span, sentencesOf, spacedWordsOf, wordsOf } from "./segment.ts";

/** The smallest thing a chunk is packed from: a sentence, a line of a table, or a part of one that is too long. */
export interface Piece extends Span {
  tokens: number;
  /** What it costs to end a chunk after this piece: being off the wanted size by half of it costs 0.5. */
  cost: number;
  /** Put before a chunk that starts with this piece. */
  before: string;
  /** Put after a chunk that ends with this piece. */
  after: string;
}

export interface Limits {
  countTokens: (text: string) => number;
  /** Of a piece, with what is put before and after it. */
  maxTokens: number;
  /** UTF-16 code units of a piece. */
  maxLength: number;
}

/** Ending a chunk inside a paragraph. */
const INSIDE = 0.5;
/** Ending it after what introduces the next piece: a heading, a question, a line that ends with a colon. */
const INTRODUCTION = 1;
/** Ending it inside what belongs together and fits a chunk: a list with the line above it, a question and its answer. */
const TOGETHER = 2;

/** A longer line is not the question that the next paragraph answers. */
const MAX_QUESTION_LENGTH = 200;
/** Characters at the end of a piece that {@link INTRODUCES} is matched against. */
const TAIL = 12;
const MAX_INDENTATION = 40;
const INTRODUCES = /[:?：？][\s*_"'”’)\]]*$/;
const LIST = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]/;
const LIST_INSIDE = /\n[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]/;
const INDENTED = /^(?: {2}|\t)/;

/** Tried in this order until the parts are short enough; after the last one, text is split between graphemes. */
type Splitter = (text: string) => Span[];
const SPLITTERS: Splitter[] = [linesOf, spacedWordsOf, wordsOf];

/** The pieces of one section, in order: together they contain all of it but white space. */
export function piecesOf(text: string, { blocks }: Section, limits: Limits): Piece[] {
  const pieces = blocks.map((block) => piecesOfBlock(text, block, limits));
  for (const [first, last] of groupsOf(text, blocks)) {
    const group = pieces.slice(first, last + 1).flat();
    if (sum(group) > limits.maxTokens) continue;
    for (const piece of group.slice(0, -1)) piece.cost = TOGETHER;
  }
  return pieces.flat();
}

function piecesOfBlock(text: string, block: Block, limits: Limits): Piece[] {
  const { countTokens, maxTokens } = limits;
  const frame = block.kind === "heading" ? undefined : block.frame;
  const { before = "", after = "" } = frame ?? {};
  // A frame that leaves little room for what it frames is left out.
  const framing = frame ? countTokens(`${before}\n\n${after}`) : 0;
  const isFramed = framing <= maxTokens / 2;
  const inner = frame && isFramed ? { ...limits, maxTokens: maxTokens - framing } : limits;
  const parts = partsOf(text, block).flatMap((part) => {
    const fits = countTokens(text.slice(part.start, part.end)) <= maxTokens;
    return shrink(text, part, fits ? limits : inner, SPLITTERS);
  });
  return parts.map((part, index): Piece => {
    const isLast = index === parts.length - 1;
    const introduces = block.kind === "heading" || INTRODUCES.test(text.slice(part.end - TAIL, part.end).trimEnd());
    const opens = frame !== undefined && part.start < frame.start && part.end >= frame.start - 1;
    return {
      ...part,
      cost: (introduces || opens) && !(isLast && frame) ? INTRODUCTION : isLast ? 0 : INSIDE,
      before: frame && isFramed && part.start >= frame.start ? before : "",
      after: frame && isFramed && part.end <= frame.end && part.end > frame.at ? after : "",
    };
  });
}

/** Sentences; the header of a table with the line under it, and its rows; code as a whole. */
function partsOf(text: string, block: Block): Span[] {
  if (block.kind !== "text") return [block];
  const at = Math.min(Math.max(block.frame?.at ?? block.end, block.start), block.end);
  const start = Math.min(Math.max(block.frame?.start ?? block.end, block.start), block.end);
  return [
    ...within(block, sentencesOf(text.slice(block.start, at))),
    ...(start > at ? [{ start: at, end: start }] : []),
    ...within({ start, end: block.end }, linesOf(text.slice(start, block.end))),
  ];
}

/** Runs of blocks that belong together: their first and last index. */
function* groupsOf(text: string, blocks: readonly Block[]): Generator<[first: number, last: number]> {
  const sliceOf = (index: number) => text.slice(blocks[index]?.start, blocks[index]?.end);
  const isText = (index: number) => blocks[index]?.kind === "text";
  /** Whether a list goes on: with an item, what is indented under one, or the code that one introduces. */
  const continuesList = (index: number) =>
    (isText(index) && (LIST.test(sliceOf(index)) || INDENTED.test(sliceOf(index)))) ||
    (blocks[index]?.kind === "code" && (INDENTED.test(sliceOf(index)) || INTRODUCES.test(sliceOf(index - 1))));

  for (let first = 0; first < blocks.length; first += 1) {
    if (!isText(first)) continue;
    const slice = sliceOf(first);
    let last = first;
    const isList = LIST.test(slice);
    if (!isList && introducesNext(slice) && blocks[first + 1]?.kind !== "heading" && first + 1 < blocks.length)
      last += 1;
    if (isList || (last > first && LIST.test(sliceOf(last)))) while (continuesList(last + 1)) last += 1;
    if (last > first || LIST_INSIDE.test(slice) || isList || isQuestion(slice.slice(0, slice.indexOf("\n") + 1))) {
      yield [first, last];
    }
    if (isList || (last > first && LIST.test(sliceOf(last)))) first = last;
  }
}

function introducesNext(block: string): boolean {
  return /[:：][\s*_]*$/.test(block.slice(-TAIL)) || (!block.includes("\n") && isQuestion(block));
}

function isQuestion(line: string): boolean {
  return line.length <= MAX_QUESTION_LENGTH && /[?？][\s*_"'”’)]*$/.test(line);
}

function shrink(
  text: string,
  whole: Span,
  limits: Limits,
  [splitter, ...finer]: readonly Splitter[],
): (Span & { tokens: number })[] {
  const { countTokens, maxTokens, maxLength } = limits;
  // White space around what is too long is left out, or it would become thousands of pieces.
  const span = whole.end - whole.start > maxLength ? trimmed(text, whole) : whole;
  const slice = text.slice(span.start, span.end);
  if (slice === "") return [];
  const tokens = countTokens(slice);
  const excess = Math.max(tokens / maxTokens, slice.length / maxLength);
  if (excess <= 1) return [{ ...span, tokens }];
  const parts = splitter?.(slice) ?? graphemeRunsOf(slice, slice.length * Math.min(1 / excess, 0.5));
  if (!splitter && parts.length === 1) {
    const runs = within(span, codePointRunsOf(slice, maxLength));
    return runs.map((run) => ({ ...run, tokens: countTokens(text.slice(run.start, run.end)) }));
  }
  return within(span, parts).flatMap((part) => shrink(text, part, limits, finer));
}

/** Without the white space around it, but with the indentation of its first line. */
function trimmed(text: string, { start, end }: Span): Span {
  const slice = text.slice(start, end);
  const from = slice.length - slice.trimStart().length;
  const line = slice.lastIndexOf("\n", from) + 1;
  const kept = start + (from - line <= MAX_INDENTATION ? line : from);
  return { start: kept, end: Math.max(kept, start + slice.trimEnd().length) };
}

function within({ start: offset }: Span, spans: readonly Span[]): Span[] {
  return spans.map(({ start, end }) => ({ start: start + offset, end: end + offset }));
}

/** Tokens of the pieces. */
export function sum(pieces: readonly Piece[]): number {
  return pieces.reduce((total, { tokens }) => total + tokens, 0);
}
