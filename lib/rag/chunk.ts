import { TooLargeError } from "./errors.ts";
import { sectionsOf } from "./markdown.ts";
import { type Piece, piecesOf, sum } from "./pieces.ts";
import type { Chunk, Chunker } from "./ports.ts";
import { titlesToEmbed } from "./text-to-embed.ts";

export interface ChunkerOptions {
  /** Counts the tokens of a text. Called with short pieces and with whole chunks; should take linear time. */
  countTokens: (text: string) => number;
  /** No chunk has more tokens, unless it is a single grapheme. */
  maxTokens?: number;
  /**
   * Tokens that the embedding model reads of a chunk with its title and headings: chunks under long ones are shorter, down
   * to half of it. Absent: any number.
   */
  window?: number;
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

/** A chunker that waits for nothing. */
export interface TextChunker extends Chunker {
  chunk(text: string, title?: string): Iterable<Chunk>;
}

/**
 * Splits Markdown or plain text along its structure. Each section is split separately, into chunks of similar size that
 * end with a paragraph, else a sentence, else a line, else a word; a word is split, between graphemes, only when it is
 * longer than a chunk. What belongs together stays together if it fits a chunk: a list with the line that introduces it, a
 * question with its answer. Linear in the length of the text.
 *
 * Chunks are exact slices of the text, in order, and together contain all but white space. They only add lines where a
 * table or fenced code is cut: each part of a table begins with its header row and the line under that, and each part of
 * code is fenced as the whole is, unless these take half of a chunk. None has more than 16 characters for each token of
 * the maximum.
 *
 * @returns a chunker that throws {@link TooLargeError} as soon as a document has more than `maxChunks` chunks
 * @throws RangeError unless 0 ≤ overlapTokens < maxTokens
 */
export function createChunker(options: ChunkerOptions): TextChunker {
  const { countTokens, maxTokens = MAX_TOKENS, window = Number.POSITIVE_INFINITY, maxChunks = MAX_CHUNKS } = options;
  const maxOverlap = options.overlapTokens ?? OVERLAP_TOKENS;
  const maxLength = Math.max(maxTokens * CHARACTERS_PER_TOKEN, MIN_LENGTH);
  if (!(maxTokens >= 1 && maxOverlap >= 0 && maxOverlap < maxTokens)) {
    throw new RangeError(`overlapTokens must be from 0 to below maxTokens (${maxTokens}), not ${maxOverlap}`);
  }

  /** Packs the pieces of one section into chunks. */
  function* pack(text: string, pieces: readonly Piece[], max: number): Generator<string> {
    const sliceOf = (from: number, to: number) => text.slice(pieces[from]?.start, pieces[to - 1]?.end).trim();
    /** The slice, with the rest of the table or code block that it was cut from made readable. */
    const framed = (from: number, to: number) => {
      const { before = "", start } = pieces[from] ?? {};
      const { after = "", end } = pieces[to - 1] ?? {};
      if (before === "" && after === "") return sliceOf(from, to);
      const slice = text.slice(start, end).replace(/^(?:[ \t]*\n)+/, "");
      return [before, before === "" ? slice.trim() : slice.trimEnd(), after].filter(Boolean).join("\n");
    };
    /** In tokens; white space between pieces may make a slice too long in characters, which counts as too many tokens. */
    const sizeOf = (from: number, to: number) => {
      const slice = framed(from, to);
      return slice.length > maxLength ? (slice.length / maxLength) * max : countTokens(slice);
    };
    const overlapTokens = Math.min(maxOverlap, max - 1);

    let left = sum(pieces);
    for (let from = 0, done = 0; done < pieces.length; ) {
      while (from < done && sizeOf(from, done + 1) > max) from += 1;
      const repeated = sum(pieces.slice(from, done)) + countTokens(pieces[from]?.before ?? "");
      const chunks = Math.max(1, Math.ceil((left + repeated - overlapTokens) / (max - overlapTokens)));
      let to = bestEnd(pieces, done, left / chunks, max - repeated);
      // White space between pieces has tokens too: drop as many pieces as the slice is over the maximum.
      for (let size = sizeOf(from, to); to > done + 1 && size > max; size = sizeOf(from, to)) {
        to = Math.max(done + 1, Math.min(to - 1, done + Math.floor(((to - done) * max) / size)));
      }
      yield sizeOf(from, to) <= max ? framed(from, to) : sliceOf(from, to);

      left -= sum(pieces.slice(done, to));
      done = to;
      from = overlapStart(pieces, from + 1, done, overlapTokens);
    }
  }

  return {
    settings: `structure-2 max=${maxTokens} window=${window} overlap=${maxOverlap}`,
    *chunk(text, title = "") {
      let chunks = 0;
      for (const section of sectionsOf(text)) {
        const above = countTokens(titlesToEmbed(title, section.heading));
        const max = Math.min(maxTokens, Math.max(window - above, Math.ceil(window / 2)));
        const pieces = piecesOf(text, section, { countTokens, maxTokens: max, maxLength });
        for (const slice of pack(text, pieces, max)) {
          if (slice === "") continue;
          chunks += 1;
          if (chunks > maxChunks) throw tooManyChunks(maxChunks);
          yield { text: slice, heading: section.heading };
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

/**
 * Where a chunk that starts with piece `start` should end (exclusive): close to `target` tokens and where it costs little.
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
    const cost = Math.abs(tokens - target) / (target || 1) + (piece?.cost ?? 0);
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
