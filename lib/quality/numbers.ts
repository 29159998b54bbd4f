import { isNumberWord, MONTHS, NUMBER_WORDS, ORDINALS } from "./number-words.ts";
import { MAGNITUDES, UNITS } from "./units.ts";
import { forEachMatch } from "./words.ts";

/** A number in a text, by what it means. */
export interface NumberFact {
  /** As it is written, with its unit. */
  text: string;
  start: number;
  /** Each value that the digits may have: 1.000 is one or, in German, a thousand. */
  values: number[];
  /** Of a known unit: what it measures, and the factor to that dimension's base unit. */
  unit?: { dimension: string; factor: number };
}

/** Digits in groups: with spaces only if each has three, as a year may precede a number. */
const NUMBER = /\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?!\d)|\d+(?:[.,'’]\d+)*/g;
const NATIVE_DIGIT = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\uff10-\uff19]/g;
const PARTED_DATE = /^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)$/;
const SUFFIX = /^[ \u00a0\u202f-]?([\p{L}\p{Sc}%°µ‰]{1,12})/u;
const CURRENCY_BEFORE = /[$€£¥₹]\s?$/;
const WORD = /[a-z\u00df-\u024f\u0400-\u04ff]+/gi;

/**
 * The numbers of a text in order: digits in any grouping, English number words, and months beside a number. A date is its
 * day, month and year.
 *
 * @param isClaim leaves out what says little by itself: "one", ordinals in words, and the numbers of list items
 */
export function numbersOf(original: string, isClaim: boolean): NumberFact[] {
  const text = original.replace(NATIVE_DIGIT, asciiDigit);
  const found: NumberFact[] = [];
  for (const { 0: digits, index } of text.matchAll(NUMBER)) {
    if (isPartOfName(text, index) || (isClaim && isItemNumber(text, index, digits))) continue;
    const date = PARTED_DATE.exec(digits);
    if (date) for (const part of date.slice(1)) found.push({ text: digits, start: index, values: [Number(part)] });
    else found.push(withUnit(text, digits, index));
  }
  addWords(text, found, isClaim);
  return found;
}

function withUnit(text: string, digits: string, start: number): NumberFact {
  const values = valuesOf(digits);
  const rest = text.slice(start + digits.length, start + digits.length + 24);
  const word = SUFFIX.exec(rest)?.[1] ?? "";
  const magnitude = MAGNITUDES.get(word.toLowerCase()) ?? MAGNITUDES.get(/^[万亿億千]/.exec(word)?.[0] ?? "") ?? 1;
  const isNegative = /(?:^|[\s(])[-−]$/.test(text.slice(Math.max(0, start - 2), start));
  const scale = magnitude * (isNegative ? -1 : 1);
  const after = magnitude === 1 ? word : (SUFFIX.exec(rest.slice(rest.indexOf(word) + word.length))?.[1] ?? "");
  const currency = CURRENCY_BEFORE.exec(text.slice(Math.max(0, start - 2), start))?.[0].trim();
  const unit = UNITS.get(currency ?? after) ?? UNITS.get(after.toLowerCase());
  return {
    text: digits + (word === "" ? "" : rest.slice(0, rest.indexOf(word) + word.length)),
    start,
    values: values.map((value) => value * scale),
    ...(unit && { unit }),
  };
}

/** 1,234.5 → 1234.5; 1.000 → 1 and 1000; 1.2.3 → none, which is compared as it is written. */
function valuesOf(digits: string): number[] {
  const groups = digits.split(/[ \u00a0\u202f\u2009.,'’]/);
  const signs = digits.replace(/\d/g, "");
  const last = signs.at(-1) ?? "";
  if (signs === "") return [Number(digits)];
  const isGrouped = (parts: readonly string[]) =>
    parts.slice(1).every((part, index, all) => part.length === 3 || (part.length === 2 && index < all.length - 1));
  const isOneSign = [...signs].every((sign) => sign === last);
  const whole = Number(groups.join(""));
  const isDecimalSign = last === "." || last === ",";
  if (isOneSign && !isDecimalSign) return isGrouped(groups) ? [whole] : [];
  const fraction = Number(`${groups.slice(0, -1).join("")}.${groups.at(-1)}`);
  if (signs.length === 1) return isGrouped(groups) ? [whole, fraction] : [fraction];
  if (isOneSign) return isGrouped(groups) ? [whole] : [];
  return isGrouped(groups.slice(0, -1)) ? [fraction] : [];
}

function addWords(text: string, found: NumberFact[], isClaim: boolean): void {
  forEachMatch(WORD, text, (raw, index) => {
    const word = raw.toLowerCase();
    if (!isNumberWord(word)) return;
    const month = MONTHS.get(word);
    if (month !== undefined && /^\W{0,3}\d|\d\W{0,3}$/.test(around(text, index, raw.length))) {
      found.push({ text: raw, start: index, values: [month] });
    }
    const value = NUMBER_WORDS.get(word) ?? (isClaim ? undefined : ORDINALS.get(word));
    if (value === undefined || (isClaim && value === 1)) return;
    const rest = text.slice(index + raw.length, index + raw.length + 16);
    const next = /^[- ]([a-z]+)/i.exec(rest)?.[1]?.toLowerCase() ?? "";
    const ones = value >= 20 && value < 100 && rest.startsWith("-") ? (NUMBER_WORDS.get(next) ?? 0) : 0;
    const magnitude = MAGNITUDES.get(next) ?? 1;
    found.push({ text: raw, start: index, values: [(value + ones) * magnitude] });
  });
}

/** What stands before and after a word, without the word. */
function around(text: string, start: number, length: number): string {
  const after = text.slice(start + length, start + length + 4);
  return /^\W{0,3}\d/.test(after) ? after : text.slice(Math.max(0, start - 4), start);
}

/** "x86", "P2" and "snake_2" are names; "GPT-4" is one with a number. */
function isPartOfName(text: string, start: number): boolean {
  return start > 0 && /[\p{L}_]/u.test(text.charAt(start - 1));
}

function isItemNumber(text: string, start: number, digits: string): boolean {
  const end = start + digits.length;
  return /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, start - 8), start)) && /^[.)] /.test(text.slice(end, end + 2));
}

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10].findLast((each) => each <= code) ?? code;
  return String(code - zero);
}

/** Whether two numbers may mean the same: 1,000 and 1000, 0.5 s and 500 ms, 5 km and 5. */
export function isSameNumber(a: NumberFact, b: NumberFact): boolean {
  if (a.values.length === 0 || b.values.length === 0) return a.text === b.text;
  const isComparable = a.unit !== undefined && b.unit !== undefined;
  if (isComparable && a.unit?.dimension !== b.unit?.dimension) return false;
  const [factorA, factorB] = isComparable ? [a.unit?.factor ?? 1, b.unit?.factor ?? 1] : [1, 1];
  return a.values.some((x) => b.values.some((y) => isClose(x * factorA, y * factorB)));
}

function isClose(x: number, y: number): boolean {
  return Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));
}
