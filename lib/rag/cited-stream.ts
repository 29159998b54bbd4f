import { citedIn, createCitationFilter } from "./cited.ts";

const HALF_A_PAIR = /[\ud800-\udbff]$/;

export interface CitedStream {
  /** Takes a piece of what a model says, and gives what can be told of it by now; "" when that is nothing. */
  push(piece: string): string;
  /**
   * @param isCut a limit ended the text: half a citation at its end goes, and "…" comes
   * @returns what is left to tell, the text as a whole, and the sources it cites
   */
  end(isCut: boolean): { rest: string; text: string; cited: number[] };
}

/**
 * A text that cites sources, and comes in pieces. What is told, joined, is the whole: without the citations that are not
 * in `known`, and without the space around it. Of plain prose nothing but the space at the end is withheld.
 */
export function createCitedStream(known: Iterable<number>): CitedStream {
  const filter = createCitationFilter(known);
  let told = "";
  let waiting = "";

  function tell(upTo: number): string {
    const piece = waiting.slice(0, upTo);
    waiting = waiting.slice(upTo);
    told += piece;
    return piece;
  }

  function wait(text: string): void {
    waiting += text;
    if (told === "") waiting = waiting.trimStart();
  }

  return {
    push(piece) {
      wait(filter.push(piece));
      return tell(waiting.trimEnd().replace(HALF_A_PAIR, "").length);
    },
    end(isCut) {
      const { rest, open } = filter.end();
      wait(rest + (isCut ? open.replace(/\[.*/s, "") : open));
      waiting = waiting.trimEnd();
      if (isCut && told + waiting !== "") waiting += " …";
      return { rest: tell(waiting.length), text: told, cited: citedIn(told) };
    },
  };
}
