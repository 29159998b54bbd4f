import { citedIn, createCitationFilter } from "./cited.ts";

const HIGH_SURROGATE_AT_END = /[\ud800-\udbff]$/;

export interface CitedStream {
  /** Adds a piece of the model's output; returns what can be emitted by now, "" if nothing. */
  push(piece: string): string;
  /**
   * @param isTruncated whether a length limit ended the text: an incomplete citation is then dropped, and "…" appended
   * @returns what is left to emit, the whole text, and the sources it cites
   */
  end(isTruncated: boolean): { rest: string; text: string; cited: number[] };
}

/**
 * Streams a text that cites sources. The emitted pieces, joined, are the whole text without citations that are not in
 * `known`, and trimmed. Of plain prose only the space at the end is held back.
 */
export function createCitedStream(known: Iterable<number>): CitedStream {
  const numbers = [...known];
  const filter = createCitationFilter(numbers);
  let emitted = "";
  let pending = "";

  function emit(length: number): string {
    const piece = pending.slice(0, length);
    pending = pending.slice(length);
    emitted += piece;
    return piece;
  }

  function append(text: string): void {
    pending += text;
    if (emitted === "") pending = pending.trimStart();
  }

  return {
    push(piece) {
      append(filter.push(piece));
      return emit(pending.trimEnd().replace(HIGH_SURROGATE_AT_END, "").length);
    },
    end(isTruncated) {
      const { rest, open } = filter.end();
      append(rest + (isTruncated ? open.replace(/\\?[[【［].*/s, "") : open));
      pending = pending.trimEnd();
      if (isTruncated && emitted + pending !== "") pending += " …";
      return { rest: emit(pending.length), text: emitted, cited: citedIn(emitted, numbers) };
    },
  };
}
