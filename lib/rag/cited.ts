/** Code, in which brackets are not citations, or one citation: [1], [1, 2]. */
const CODE_OR_CITATION = /```[\s\S]*?(?:```|$)|`[^`\n]*`|\[(\d+(?:\s*,\s*\d+)*)\]/g;

/** The source numbers that a text cites, in order of first use. Brackets inside Markdown code are not citations. */
export function citedIn(text: string): number[] {
  const lists = Array.from(text.matchAll(CODE_OR_CITATION), ([, list]) => list?.split(",").map(Number) ?? []);
  return [...new Set(lists.flat())];
}

/**
 * State of Markdown code at the end of the text so far: "tick" after one backtick, "inline" after more text on its line
 * (code if another backtick follows), "ticks" after two backticks (empty code unless a third makes a fence).
 */
type Code = "none" | "tick" | "inline" | "ticks" | "fence";
const AFTER_TICK = { none: "tick", tick: "ticks", inline: "none", ticks: "fence" } as const;

export interface CitationFilter {
  /** Filters the next piece of the text; returns the part of the output that is final by now. */
  push(piece: string): string;
  /** Ends the text: returns the rest of the output, and an incomplete citation at its end with the space before it. */
  end(): { rest: string; open: string };
}

/**
 * A streaming filter that removes citations of unknown sources: numbers in `[1]` and `[2, 3]` that are not in `known`,
 * with the blanks before them. Everything else is passed through, including brackets that are Markdown code in the output.
 * Only text that may still become part of a citation is held back.
 */
export function createCitationFilter(known: Iterable<number>): CitationFilter {
  const knownNumbers = new Set(Array.from(known, String));
  let out = "";
  let code: Code = "none";
  let fenceTicks = 0;
  /** Space and open citations, possibly nested: removing the inner one of `[[9]8]` leaves `[8]`. */
  const tail: string[] = [];
  let codeBeforeTail: Code = "none";
  /** Text from a citation on that is to be removed, unless the rest of the line turns out to be code. */
  let undecided: string | undefined;
  let isSurelyText = false;

  function feed(character: string): void {
    if (undecided !== undefined) {
      decide(undecided, character);
    } else if (code === "fence") {
      out += character;
      fenceTicks = character === "`" ? fenceTicks + 1 : 0;
      if (fenceTicks === 3) code = "none";
    } else if (character === "`") {
      release(character);
      code = AFTER_TICK[code];
      fenceTicks = 0;
    } else {
      if (tail.length === 0) codeBeforeTail = code;
      code = codeAfter(code, character);
      if (character === "]") close();
      else if (canGrow(tail, character)) tail.push(character);
      else release(character);
    }
  }

  function release(character: string): void {
    out += tail.join("") + character;
    tail.length = 0;
  }

  function close(): void {
    const open = tail.lastIndexOf("[");
    const numbers = tail
      .slice(open + 1)
      .join("")
      .split(",")
      .map((number) => number.trim());
    const valid = numbers.filter((number) => knownNumbers.has(number));
    if (!isDigit(tail.at(-1)) || valid.length === numbers.length) {
      release("]");
    } else if (code === "inline" && !isSurelyText) {
      undecided = `${tail.join("")}]`;
      tail.length = 0;
    } else {
      let start = open;
      while (isBlank(tail[start - 1])) start -= 1;
      const blanks = tail.splice(start).slice(0, open - start);
      code = codeBeforeTail === "none" ? "none" : tail.reduce(codeAfter, codeBeforeTail);
      if (valid.length > 0) for (const character of [...blanks, "[", ...valid.join(", "), "]"]) feed(character);
    }
  }

  function decide(held: string, character: string): void {
    if (character === "`") {
      out += held + character;
      undecided = undefined;
      code = "none";
    } else if (character === "\n") {
      feedAsText(held);
      feed(character);
    } else {
      undecided = held + character;
    }
  }

  function feedAsText(held: string): void {
    undecided = undefined;
    code = codeBeforeTail;
    isSurelyText = true;
    for (const character of held) feed(character);
    isSurelyText = false;
  }

  function flush(): string {
    const flushed = out;
    out = "";
    return flushed;
  }

  return {
    push(piece) {
      for (const character of piece) feed(character);
      return flush();
    },
    end() {
      if (undecided !== undefined) feedAsText(undecided);
      return { rest: flush(), open: tail.join("") };
    },
  };
}

function codeAfter(code: Code, character: string): Code {
  return (code === "tick" || code === "inline") && character !== "\n" ? "inline" : "none";
}

/** Whether the tail plus this character may still become a citation, once nested citations are removed. */
function canGrow(tail: readonly string[], character: string): boolean {
  if (character === "[" || isSpace(character)) return true;
  const last = tail.at(-1);
  if (isDigit(character) && (isDigit(last) || last === "[")) return true;
  const lastVisible = tail.findLast((other) => !isSpace(other));
  return isDigit(character) ? lastVisible === "," : character === "," && isDigit(lastVisible);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

function isSpace(character: string): boolean {
  return character.trim() === "";
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}
