import { type Block, sectionsOf } from "./markdown.ts";
import type { Chunk, Chunker } from "./ports.ts";
import { graphemeRunsOf, linesOf, type Span, sentencesOf, spacedWordsOf, wordsOf } from "./segment.ts";

export interface ChunkerOptions {
  /** Tokens of a text. Called on short pieces and on whole chunks; should cost linear time. */
  countTokens: (text: string) => number;
  /** No chunk has more tokens, unless it is a single grapheme. */
  maxTokens?: number;
  /** A chunk repeats at most this many tokens from the end of the one before it in its section, in whole sentences. */
  overlapTokens?: number;
}

/** Chosen by measurement: docs/decisions/0005-embedded-retrieval.md. */
const MAX_TOKENS = 256;
const OVERLAP_TOKENS = 0;

/** The smallest thing a chunk is packed from: a sentence, or a part of one that is too long. */
interface Piece extends Span {
  tokens: number;
  /** A paragraph, or another block that is no heading, ends here: a good place to end a chunk. */
  endsBlock: boolean;
}

/** Whatever is too long is split by the first of these, its parts by the next ones, and at last between graphemes. */
type Splitter = (text: string) => Span[];
const SPLITTERS: Splitter[] = [linesOf, spacedWordsOf, wordsOf];

/**
 * Splits Markdown or plain text along its structure. Each section is split for itself, into chunks of about the
 * same size that end with a paragraph, else a sentence, else a line, else a word; a word is cut only when it alone
 * is longer than a chunk, and then between graphemes. Chunks are exact slices of the text, in order, and hold
 * everything that is not white space. Linear in the length of the text.
 *
 * @throws RangeError when the sizes make no sense.
 */
export function createChunker(options: ChunkerOptions): Chunker {
  const { countTokens, maxTokens = MAX_TOKENS, overlapTokens = OVERLAP_TOKENS } = options;
  if (!(maxTokens >= 1 && overlapTokens >= 0 && overlapTokens < maxTokens)) {
    throw new RangeError(`chunks of ${maxTokens} tokens cannot overlap by ${overlapTokens}`);
  }

  function piecesOf(text: string, block: Block): Piece[] {
    const parts = block.kind === "text" ? within(block, sentencesOf(text.slice(block.start, block.end))) : [block];
    const pieces = parts.flatMap((part) => shrink(text, part, SPLITTERS));
    const last = block.kind === "heading" ? -1 : pieces.length - 1;
    return pieces.map((piece, index) => ({ ...piece, endsBlock: index === last }));
  }

  function shrink(text: string, span: Span, [splitter, ...finer]: readonly Splitter[]): Omit<Piece, "endsBlock">[] {
    const slice = text.slice(span.start, span.end);
    const tokens = countTokens(slice);
    if (tokens <= maxTokens) return [{ start: span.start, end: span.end, tokens }];
    const length = slice.length * Math.min(maxTokens / tokens, 0.5);
    const parts = splitter?.(slice) ?? graphemeRunsOf(slice, length);
    if (!splitter && parts.length === 1) return [{ start: span.start, end: span.end, tokens }];
    return within(span, parts).flatMap((part) => shrink(text, part, finer));
  }

  /** Packs the pieces of one section into chunks. */
  function* pack(text: string, pieces: readonly Piece[]): Generator<string> {
    const sliceOf = (from: number, to: number) => text.slice(pieces[from]?.start, pieces[to - 1]?.end).trim();
    const sizeOf = (from: number, to: number) => countTokens(sliceOf(from, to));

    let left = sum(pieces);
    for (let from = 0, done = 0; done < pieces.length; ) {
      while (from < done && sizeOf(from, done + 1) > maxTokens) from += 1;
      const overlap = sum(pieces.slice(from, done));
      const chunks = Math.max(1, Math.ceil((left + overlap - overlapTokens) / (maxTokens - overlapTokens)));
      let to = bestEnd(pieces, done, left / chunks, maxTokens - overlap);
      // The white space between pieces has tokens too: take as many fewer pieces as it is too much.
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
    chunk: (text) =>
      sectionsOf(text).flatMap(({ heading, blocks }): Chunk[] => {
        const pieces = blocks.flatMap((block) => piecesOf(text, block));
        const slices = [...pack(text, pieces)].filter((slice) => slice !== "");
        return slices.map((slice) => ({ text: slice, heading }));
      }),
  };
}

/**
 * Where a chunk that begins with piece `start` should end (exclusive): close to `target` tokens and with a block;
 * half a target off is as bad as inside a paragraph. Takes one piece at least, and no more than `max` tokens.
 */
function bestEnd(pieces: readonly Piece[], start: number, target: number, max: number): number {
  let best = start + 1;
  let lowest = Number.POSITIVE_INFINITY;
  let tokens = 0;
  for (let end = start + 1; end <= pieces.length; end += 1) {
    const piece = pieces[end - 1];
    tokens += piece?.tokens ?? 0;
    if (tokens > max) break;
    const cost = Math.abs(tokens - target) / target + (piece?.endsBlock ? 0 : 0.5);
    if (cost <= lowest) [best, lowest] = [end, cost];
  }
  return best;
}

/** The first of the last pieces before `end`, none before `start`, that together have at most `max` tokens. */
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
