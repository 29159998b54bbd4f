import { TooLargeError } from "./errors.ts";
import { type Block, sectionsOf } from "./markdown.ts";
import type { Chunker } from "./ports.ts";
import { codePointRunsOf, graphemeRunsOf, linesOf, type Span, sentencesOf, spacedWordsOf, wordsOf } from "./segment.ts";

export interface ChunkerOptions {
  /** Counts the tokens of a text. Called with short pieces and with whole chunks; should take linear time. */
  countTokens: (text: string) => number;
  /** No chunk has more tokens, unless it is a single grapheme. */
  maxTokens?: number;
  /** A document with more chunks is refused. */
  maxChunks?: number;
  /** A chunk repeats at most this many tokens from the end of the one before it in its section, in whole sentences. */
  overlapTokens?: number;
}

/** Chosen by measurement: docs/decisions/0005-embedded-retrieval.md. */
const MAX_TOKENS = 256;
const OVERLAP_TOKENS = 0;
/** Three times what 3,000,000 characters of prose have. */
const MAX_CHUNKS = 10_000;
/** UTF-16 code units of a chunk for each token it may have: white space and invisible characters are no tokens. */
const CHARACTERS_PER_TOKEN = 16;
/** A grapheme that is longer is split too: any number of marks may follow a letter. */
const MIN_LENGTH = 64;

/** The smallest thing a chunk is packed from: a sentence, or a part of one that is too long. */
interface Piece extends Span {
  tokens: number;
  /** A block other than a heading ends here: a good place to end a chunk. */
  endsBlock: boolean;
}

/** Tried in this order until the parts are short enough; after the last one, text is split between graphemes. */
type Splitter = (text: string) => Span[];
const SPLITTERS: Splitter[] = [linesOf, spacedWordsOf, wordsOf];

/**
 * Splits Markdown or plain text along its structure. Each section is split separately, into chunks of similar size that
 * end with a paragraph, else a sentence, else a line, else a word; a word is split, between graphemes, only when it is
 * longer than a chunk. Chunks are exact slices of the text, in order, and together contain all but white space; none has
 * more than 16 characters for each token of the maximum. Linear in the length of the text.
 *
 * @returns a chunker that throws {@link TooLargeError} as soon as a document has more than `maxChunks` chunks
 * @throws RangeError unless 0 ≤ overlapTokens < maxTokens
 */
export function createChunker(options: ChunkerOptions): Chunker {
  const { countTokens, maxTokens = MAX_TOKENS, overlapTokens = OVERLAP_TOKENS, maxChunks = MAX_CHUNKS } = options;
  const maxLength = Math.max(maxTokens * CHARACTERS_PER_TOKEN, MIN_LENGTH);
  if (!(maxTokens >= 1 && overlapTokens >= 0 && overlapTokens < maxTokens)) {
    throw new RangeError(`overlapTokens must be from 0 to below maxTokens (${maxTokens}), not ${overlapTokens}`);
  }

  function piecesOf(text: string, block: Block): Piece[] {
    const parts = block.kind === "text" ? within(block, sentencesOf(text.slice(block.start, block.end))) : [block];
    const pieces = parts.flatMap((part) => shrink(text, part, SPLITTERS));
    const last = block.kind === "heading" ? -1 : pieces.length - 1;
    return pieces.map((piece, index) => ({ ...piece, endsBlock: index === last }));
  }

  function shrink(text: string, whole: Span, [splitter, ...finer]: readonly Splitter[]): Omit<Piece, "endsBlock">[] {
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
    return within(span, parts).flatMap((part) => shrink(text, part, finer));
  }

  /** Packs the pieces of one section into chunks. */
  function* pack(text: string, pieces: readonly Piece[]): Generator<string> {
    const sliceOf = (from: number, to: number) => text.slice(pieces[from]?.start, pieces[to - 1]?.end).trim();
    /** In tokens; white space between pieces may make a slice too long in characters, which counts as too many tokens. */
    const sizeOf = (from: number, to: number) => {
      const slice = sliceOf(from, to);
      return slice.length > maxLength ? (slice.length / maxLength) * maxTokens : countTokens(slice);
    };

    let left = sum(pieces);
    for (let from = 0, done = 0; done < pieces.length; ) {
      while (from < done && sizeOf(from, done + 1) > maxTokens) from += 1;
      const overlap = sum(pieces.slice(from, done));
      const chunks = Math.max(1, Math.ceil((left + overlap - overlapTokens) / (maxTokens - overlapTokens)));
      let to = bestEnd(pieces, done, left / chunks, maxTokens - overlap);
      // White space between pieces has tokens too: drop as many pieces as the slice is over the maximum.
      for (let size = sizeOf(from, to); to > done + 1 && size > maxTokens; size = sizeOf(from, to)) {
        to = Math.max(done + 1, Math.min(to - 1, done + Math.floor(((to - done) * maxTokens) / size)));
      }
      yield sliceOf(from, to);

      left -= sum(pieces.slice(done, to));
      done = to;
      from = overlapStart(pieces, from + 1, done, overlapTokens);
    }
  }

  return {
    settings: `structure-1 max=${maxTokens} overlap=${overlapTokens}`,
    *chunk(text) {
      let chunks = 0;
      for (const { heading, blocks } of sectionsOf(text)) {
        const pieces = blocks.flatMap((block) => piecesOf(text, block));
        for (const slice of pack(text, pieces)) {
          if (slice === "") continue;
          chunks += 1;
          if (chunks > maxChunks) throw tooManyChunks(maxChunks);
          yield { text: slice, heading };
        }
      }
    },
  };
}

function tooManyChunks(maximum: number): TooLargeError {
  const count = maximum.toLocaleString("en");
  return new TooLargeError(
    `The document has more than ${count} chunks: it is too large, or has very many headings. Split it.`,
  );
}

function trimmed(text: string, { start, end }: Span): Span {
  const slice = text.slice(start, end);
  const from = start + slice.length - slice.trimStart().length;
  return { start: from, end: Math.max(from, start + slice.trimEnd().length) };
}

/**
 * Where a chunk that starts with piece `start` should end (exclusive): close to `target` tokens and at the end of a block.
 * Being off by half of `target` costs as much as ending inside a paragraph. At least one piece, at most `max` tokens.
 */
function bestEnd(pieces: readonly Piece[], start: number, target: number, max: number): number {
  let best = start + 1;
  let lowest = Number.POSITIVE_INFINITY;
  let tokens = 0;
  for (let end = start + 1; end <= pieces.length; end += 1) {
    const piece = pieces[end - 1];
    tokens += piece?.tokens ?? 0;
    if (tokens > max) break;
    const cost = Math.abs(tokens - target) / (target || 1) + (piece?.endsBlock ? 0 : 0.5);
    if (cost <= lowest) [best, lowest] = [end, cost];
  }
  return best;
}

/** The first piece of the overlap: the longest run of pieces that ends at `end` and has at most `max` tokens. */
function overlapStart(pieces: readonly Piece[], start: number, end: number, max: number): number {
  let from = end;
  let tokens = 0;
  while (from > start) {
    tokens += pieces[from - 1]?.tokens ?? 0;
    if (tokens > max) break;
    from -= 1;
  }
  return from;
}

function sum(pieces: readonly Piece[]): number {
  return pieces.reduce((total, { tokens }) => total + tokens, 0);
}

function within({ start: offset }: Span, spans: readonly Span[]): Span[] {
  return spans.map(({ start, end }) => ({ start: start + offset, end: end + offset }));
}
