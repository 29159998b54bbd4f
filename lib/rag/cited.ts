/** Code, where brackets are no citations, or one citation: [1], [1, 2]. */
const CODE_OR_CITATION = /```[\s\S]*?(?:```|$)|`[^`\n]*`|\[(\d+(?:\s*,\s*\d+)*)\]/g;

/** The sources that a text cites, each once, as they come. Brackets in Markdown's code cite nothing. */
export function citedIn(text: string): number[] {
  const lists = Array.from(text.matchAll(CODE_OR_CITATION), ([, list]) => list?.split(",").map(Number) ?? []);
  return [...new Set(lists.flat())];
}

/**
 * What Markdown's code has come to at the end of a text: a backtick, and more on its line, which is code if another one
 * follows; two backticks, which are code with nothing in it unless a third makes a fence of them.
 */
type Code = "none" | "tick" | "inline" | "ticks" | "fence";
const AFTER_TICK = { none: "tick", tick: "ticks", inline: "none", ticks: "fence" } as const;

export interface CitationFilter {
  /** Takes the next piece of a text, and gives what is sure to stay by now. */
  push(piece: string): string;
  /** Ends the text: what is left of it, and then what could have become a citation, with the space before. */
  end(): { rest: string; open: string };
}

/**
 * Takes the citations that do not exist out of a text that comes in pieces: of `[1]` and `[2, 3]`, those whose number is
 * not in `known`, with the blanks before; all else stays as it is. Brackets in Markdown's code are left alone, as the
 * text reads that is left. Withheld is only what may yet be part of a citation.
 */
export function createCitationFilter(known: Iterable<number>): CitationFilter {
  const names = new Set(Array.from(known, String));
  let out = "";
  let code: Code = "none";
  let fenceTicks = 0;
  /** Space and citations that have begun, one in another: what is between them may be taken out, as in `[[9]8]`. */
  const tail: string[] = [];
  let codeBeforeTail: Code = "none";
  /** From a citation to take out, unless the rest of the line shows that it stands in code. */
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
    const kept = numbers.filter((number) => names.has(number));
    if (!isDigit(tail.at(-1)) || kept.length === numbers.length) {
      release("]");
    } else if (code === "inline" && !isSurelyText) {
      undecided = `${tail.join("")}]`;
      tail.length = 0;
    } else {
      let start = open;
      while (isBlank(tail[start - 1])) start -= 1;
      const blanks = tail.splice(start).slice(0, open - start);
      code = codeBeforeTail === "none" ? "none" : tail.reduce(codeAfter, codeBeforeTail);
      if (kept.length > 0) for (const character of [...blanks, "[", ...kept.join(", "), "]"]) feed(character);
    }
  }

  function decide(withheld: string, character: string): void {
    if (character === "`") {
      out += withheld + character;
      undecided = undefined;
      code = "none";
    } else if (character === "\n") {
      takeAsText(withheld);
      feed(character);
    } else {
      undecided = withheld + character;
    }
  }

  function takeAsText(withheld: string): void {
    undecided = undefined;
    code = codeBeforeTail;
    isSurelyText = true;
    for (const character of withheld) feed(character);
    isSurelyText = false;
  }

  function take(): string {
    const taken = out;
    out = "";
    return taken;
  }

  return {
    push(piece) {
      for (const character of piece) feed(character);
      return take();
    },
    end() {
      if (undecided !== undefined) takeAsText(undecided);
      return { rest: take(), open: tail.join("") };
    },
  };
}

function codeAfter(code: Code, character: string): Code {
  return (code === "tick" || code === "inline") && character !== "\n" ? "inline" : "none";
}

/** Whether a tail with this character more may still become a citation, once others in it are taken out. */
function canGrow(tail: readonly string[], character: string): boolean {
  if (character === "[" || isSpace(character)) return true;
  const last = tail.at(-1);
  if (isDigit(character) && (isDigit(last) || last === "[")) return true;
  const lastInk = tail.findLast((other) => !isSpace(other));
  return isDigit(character) ? lastInk === "," : character === "," && isDigit(lastInk);
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
