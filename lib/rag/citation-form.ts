/**
 * The forms in which models cite sources: [1], [1, 2], [1; 2], [1-3], [1 and 2], [^1], [#1], [Source 1], [doc1], \[1\], 【1】,
 * 【1†source】 and 【4:1†source】.
 */

/** Words before a number. */
const WORDS =
  "source sources src doc docs document documents ref refs reference references citation cite passage chunk context quelle fuente".split(
    " ",
  );
/** Words between two numbers. */
const JOINS = ["and", "to"];
const PLAIN = /^\d+(?:\s*,\s*\d+)*$/;
/** A longer number is a year or the like. */
const MAX_RANGE_DIGITS = 3;

/**
 * How far a form has got with a character: "" before it (only space), "escape" after a backslash, "start" after an opening
 * bracket, and so on; "word:sou" within a word.
 */
export type Place = string;

/** Where the form is after one more character; `undefined` when no form goes on like this. */
export function nextPlace(place: Place, raw: string): Place | undefined {
  const character = raw > "\u007f" ? raw.normalize("NFKC") : raw;
  if (isOpening(raw)) return "start";
  if (place === "note") return /[\n\]】]/.test(raw) ? undefined : raw === "\\" ? "closing" : "note";
  if (character.trim() === "") return AFTER_SPACE.get(place) ?? (isWord(place) ? "prefix" : joined(place));
  if (isDigit(character))
    return BEFORE_NUMBER.has(place) || isWord(place) ? "number" : place === "colon" ? place : undefined;
  const afterNumber = place === "number" || place === "after";
  if (/[,;&、]/.test(character)) return afterNumber ? "separator" : undefined;
  if (/[-–—‑]/.test(raw)) return afterNumber ? "dash" : undefined;
  if (character === "†") return afterNumber || place === "colon" ? "note" : undefined;
  if (character === ":" && place === "number") return "colon";
  if (character === ":" || character === ".") return isWord(place) ? "prefix" : undefined;
  if (character === "^" || character === "#") return place === "start" || place === "separator" ? "prefix" : undefined;
  if (character === "\\") return place === "" ? "escape" : afterNumber ? "closing" : undefined;
  return nextInWord(place, character.toLowerCase());
}

const AFTER_SPACE: ReadonlyMap<Place, Place> = new Map([
  ...["", "gap", "after", "separator", "dash", "prefix"].map((place) => [place, place] as const),
  ["start", "gap"],
  ["number", "after"],
]);
const BEFORE_NUMBER: ReadonlySet<Place> = new Set(["start", "prefix", "separator", "dash", "number"]);

function isWord(place: Place): boolean {
  return place.startsWith("word:") && WORDS.includes(place.slice(5));
}

function joined(place: Place): Place | undefined {
  return place.startsWith("join:") && JOINS.includes(place.slice(5))
    ? place === "join:to"
      ? "dash"
      : "separator"
    : undefined;
}

function nextInWord(place: Place, letter: string): Place | undefined {
  const [words, before] = place === "after" || place.startsWith("join:") ? [JOINS, "join:"] : [WORDS, "word:"];
  const isIn = place.startsWith(before);
  if (!isIn && !["after", "start", "separator", "dash"].includes(place)) return undefined;
  const next = (isIn ? place.slice(before.length) : "") + letter;
  return words.some((word) => word.startsWith(next)) ? before + next : undefined;
}

export interface Citation {
  numbers: string[];
  /** Whether it is [1] or [1, 2], as an index into an array is too. */
  isPlain: boolean;
}

/**
 * Reads what stands between brackets, once a closing bracket follows.
 *
 * @param opening with a backslash before it if there is one
 * @param known what a range may refer to
 * @returns `undefined` when it is no citation
 */
export function readCitation(
  opening: string,
  inside: string,
  place: Place,
  closing: string,
  known: ReadonlySet<string>,
): Citation | undefined {
  if (opening === "[" && closing === "]" && PLAIN.test(inside)) {
    return { numbers: inside.split(",").map((number) => number.trim()), isPlain: true };
  }
  const isEscaped = opening.startsWith("\\");
  if (isEscaped !== (place === "closing")) return undefined;
  if (!["number", "note", "closing"].includes(place)) return undefined;
  const items =
    inside
      .normalize("NFKC")
      .replace(/†.*/s, "")
      .match(/\d+:|\d+|[-–—‑]|\bto\b/gi) ?? [];
  const numbers: string[] = [];
  for (let at = 0; at < items.length; at += 1) {
    const [item = "", dash, end = ""] = items.slice(at, at + 3);
    // The number of a message, as OpenAI's file search has it.
    if (item.endsWith(":")) continue;
    if (dash === undefined || /^\d/.test(dash)) {
      numbers.push(item);
      continue;
    }
    const [first, last] = [Number(item), Number(end)];
    if (first < 1 || last < first || end.length > MAX_RANGE_DIGITS) return undefined;
    const covered = [...known].filter((number) => Number(number) >= first && Number(number) <= last);
    numbers.push(...(covered.length > 0 ? covered : [item]));
    at += 2;
  }
  return { numbers: [...new Set(numbers)], isPlain: false };
}

export function isOpening(character: string): boolean {
  return character === "[" || character === "【" || character === "［";
}

export function isClosing(character: string): boolean {
  return character === "]" || character === "】" || character === "］";
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}
