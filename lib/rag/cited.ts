import { isClosing, isOpening, nextPlace, type Place, readCitation } from "./citation-form.ts";
import { LinkTarget } from "./link-target.ts";

/** Code, in which brackets are not citations, or citations side by side: [1], [1, 2][3]. */
const CODE_OR_CITATIONS = /```[\s\S]*?(?:```|$)|`[^`\n]*`|(?:\[\d+(?:\s*,\s*\d+)*\])+/g;
const WORD_AT_END = /[A-Za-z_]\w*$/;
/** Of a longer word only the end is looked at. */
const MAX_WORD = 64;
/**
 * Text that neither is nor begins a citation, a link target or code, up to the space that a citation may follow. Not more at
 * once: V8's stack grows with the repetitions.
 */
const PLAIN_TEXT = /(?:\s*[^\s`\\([\]【】［］]){1,1000}/uy;

/**
 * The source numbers that a text cites, in order of first use. Brackets inside Markdown code are not citations, nor are
 * those at the end of a word that have another number than those of the sources: "list[12]".
 */
export function citedIn(text: string, known: Iterable<number>): number[] {
  const sources = new Set(known);
  const cited = new Set<number>();
  for (const { 0: match, index } of text.matchAll(CODE_OR_CITATIONS)) {
    if (match.startsWith("`")) continue;
    let isIndex = WORD_AT_END.test(text.slice(Math.max(0, index - MAX_WORD), index));
    for (const list of match.split("]").slice(0, -1)) {
      const numbers = list.slice(1).split(",").map(Number);
      isIndex &&= !numbers.every((number) => sources.has(number));
      if (!isIndex) for (const number of numbers) cited.add(number);
    }
  }
  return [...cited];
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
 * A streaming filter that brings citations into the form `[1]` or `[2, 3]` (see {@link readCitation}), and removes numbers
 * that are not in `known`, with the blanks before them, and link targets of citations. Everything else is passed through:
 * brackets that are Markdown code in the output, and an index at the end of a word ("A[0]") with another number. Only text
 * that may still become part of a citation is held back.
 */
export function createCitationFilter(known: Iterable<number>): CitationFilter {
  const knownNumbers = new Set(Array.from(known, String));
  let out = "";
  let code: Code = "none";
  let fenceTicks = 0;
  /** Space and open citations, possibly nested: removing the inner one of `[[9]8]` leaves `[8]`. */
  const tail: { character: string; place: Place }[] = [];
  let codeBeforeTail: Code = "none";
  /** Text from a citation on that is to be changed, unless the rest of the line turns out to be code. */
  let undecided: string | undefined;
  let isSurelyText = false;
  /** What the output ends with, as far as it matters to a bracket that follows. */
  let last: "word" | "index" | "citation" | "removed" | "other" = "other";
  let link: LinkTarget | undefined;

  /** Passes plain text from a position of the piece on, as feeding its characters would; returns its length. */
  function passPlainText(piece: string, from: number): number {
    if (undecided !== undefined || link || code !== "none" || tail.length > 0) return 0;
    PLAIN_TEXT.lastIndex = from;
    const text = PLAIN_TEXT.exec(piece)?.[0];
    if (text === undefined) return 0;
    out += text;
    const isDigitsOfWord = last === "word" && /^\d+$/.test(text);
    last = isDigitsOfWord || WORD_AT_END.test(text.slice(-MAX_WORD)) ? "word" : "other";
    return text.length;
  }

  function feed(character: string): void {
    if (undecided !== undefined) {
      decide(undecided, character);
    } else if (link) {
      continueLink(link, character);
    } else if (code === "fence") {
      out += character;
      fenceTicks = character === "`" ? fenceTicks + 1 : 0;
      if (fenceTicks === 3) code = "none";
    } else if (character === "`") {
      release(character);
      code = AFTER_TICK[code];
      fenceTicks = 0;
    } else if (character === "(" && tail.length === 0 && (last === "citation" || last === "removed")) {
      if (code === "inline" && !isSurelyText) {
        codeBeforeTail = code;
        undecided = character;
      } else {
        link = new LinkTarget();
        continueLink(link, character);
      }
    } else {
      feedText(character);
    }
  }

  function feedText(character: string): void {
    if (tail.length === 0) codeBeforeTail = code;
    code = codeAfter(code, character);
    const place = tail.at(-1)?.place ?? "";
    const next = nextPlace(place, character);
    if (isClosing(character)) close(character);
    else if (next !== undefined) tail.push({ character, place: next });
    else if (character === "\\" || isOpening(character)) restart(character);
    else release(character);
  }

  /** Releases what is held back, and begins again with this character. */
  function restart(character: string): void {
    release("");
    codeBeforeTail = code;
    tail.push({ character, place: nextPlace("", character) ?? "" });
  }

  function release(character: string): void {
    const released = tail.map((held) => held.character).join("") + character;
    out += released;
    tail.length = 0;
    // A link may follow [[1]] as well.
    if (released === "" || (released === "]" && last === "citation")) return;
    const isDigitOfWord = last === "word" && /^\d+$/.test(released);
    last = isDigitOfWord || WORD_AT_END.test(released) ? "word" : "other";
  }

  function close(character: string): void {
    const open = tail.findLastIndex((held) => isOpening(held.character));
    const place = tail.at(-1)?.place ?? "";
    const isEscaped = place === "closing" && tail[open - 1]?.place === "escape";
    const opening = (isEscaped ? "\\" : "") + (tail[open]?.character ?? "");
    const inside = textOf(tail.slice(open + 1));
    const citation = open < 0 ? undefined : readCitation(opening, inside, place, character, knownNumbers);
    if (!citation) {
      release(character);
      return;
    }
    const { numbers, isPlain } = citation;
    const valid = numbers.filter((number) => knownNumbers.has(number));
    const isKnown = valid.length === numbers.length;
    const isAtWord = open === 0 && (last === "word" || last === "index");
    const isIndex = isAtWord && opening === "[" && (isPlain ? !isKnown : /^[\d-]+$/.test(inside) && valid.length === 0);
    if (isIndex || (isPlain && isKnown)) {
      release(character);
      last = isIndex ? "index" : "citation";
    } else if (code === "inline" && !isSurelyText) {
      undecided = textOf(tail) + character;
      tail.length = 0;
    } else {
      replace(isEscaped ? open - 1 : open, valid);
    }
  }

  /** Replaces the citation that is in the tail from `open` on by one of the valid numbers, or removes it. */
  function replace(open: number, valid: readonly string[]): void {
    let start = open;
    while (isBlank(tail[start - 1]?.character)) start -= 1;
    const blanks = tail.splice(start).slice(0, open - start);
    code =
      codeBeforeTail === "none"
        ? "none"
        : tail.reduce<Code>((code, held) => codeAfter(code, held.character), codeBeforeTail);
    if (valid.length > 0) for (const character of `${textOf(blanks)}[${valid.join(", ")}]`) feed(character);
    else last = "removed";
  }

  function continueLink(target: LinkTarget, character: string): void {
    const text = target.add(character);
    if (text !== undefined) endLink(text);
  }

  function endLink(text: string): void {
    link = undefined;
    last = "other";
    for (const character of text) feed(character);
  }

  function decide(held: string, character: string): void {
    if (character === "`") {
      out += held + character;
      undecided = undefined;
      code = "none";
      last = "other";
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
      let at = 0;
      let passed = 0;
      for (const character of piece) {
        if (at >= passed) passed = at + passPlainText(piece, at);
        if (at >= passed) feed(character);
        at += character.length;
      }
      return flush();
    },
    end() {
      if (undecided !== undefined) feedAsText(undecided);
      if (link) endLink(link.end());
      return { rest: flush(), open: textOf(tail) };
    },
  };
}

function codeAfter(code: Code, character: string): Code {
  return (code === "tick" || code === "inline") && character !== "\n" ? "inline" : "none";
}

function textOf(held: readonly { character: string }[]): string {
  return held.map(({ character }) => character).join("");
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
