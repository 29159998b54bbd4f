import { memoised } from "#rag/memoised.ts";
import { UNSPACED } from "#rag/unspaced.ts";
import { visibleText } from "#rag/visible.ts";

const NOT_ASCII = /[^\p{ASCII}]/u;
/** Accents, and the optional vowel marks of Hebrew and Arabic. Other marks, such as those of Hindi, make the letter. */
const ACCENT = /[\u0300-\u036F\u0591-\u05BD\u05BF\u05C1\u05C2\u0610-\u061A\u0640\u064B-\u065F\u0670]+/g;
const INVISIBLE = /[\u061C\u200B-\u200F\u202A-\u202E\u2066-\u2069]+/g;
/** Between two parts of a Persian word; elsewhere joiners only shape letters. */
const PERSIAN_SPACE = /(?<=\p{sc=Arab})\u200C/gu;
/** Letters that Unicode does not decompose. */
const FOLDED: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", þ: "th", ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ŧ: "t", ı: "i", ŋ: "n", ĸ: "k" },
  ...{ ə: "e", ɛ: "e", ɔ: "o", ɓ: "b", ɖ: "d", ɗ: "d", ƒ: "f", ƙ: "k", ɲ: "n", ς: "σ", ʻ: "", ʼ: "" },
};
const FOLDING = new RegExp(`[${Object.keys(FOLDED).join("")}]`, "g");

/** A name: words joined by signs, with a sign before it (.NET, --keep) or after it (C++, F#; Markdown escapes some #). */
const NAME =
  /(?:(?<![\p{L}\p{M}\p{N}\-.)\]])(--?|\.)(?=\p{L}))?([\p{L}\p{M}\p{N}]+(?:[-._&\u2010\u2011][\p{L}\p{M}\p{N}]+)*)(\+\+|\+(?![\p{L}\p{N}])|(?:\\?#|♯)(?!\p{L}))?/gu;
/** The groups of a {@link NAME}, without what is around it. */
const PARTS = /^(--?|\.)?([\p{L}\p{M}\p{N}]+(?:[-._&\u2010\u2011][\p{L}\p{M}\p{N}]+)*)(\+\+?|\\?#|♯)?$/u;
const JOINT = /[-._&\u2010\u2011]/;
const LETTER = /^\p{L}$/u;
/** Joined without its sign, 1.2 would be 12. */
const JOINT_OF_NUMBERS = /(?<=\p{N})[-.](?=\p{N})/gu;
/** Signs as words: an index for words takes no others. */
const SPELLED: Readonly<Record<string, string>> = {
  ...{
    ".": "dot",
    "-": "dash",
    "--": "dashdash",
    "+": "plus",
    "++": "plusplus",
    "#": "sharp",
    "\\#": "sharp",
    "♯": "sharp",
  },
};
const SYNONYMS: ReadonlyMap<string, string> = new Map([["cpp", "cplusplus"]]);
/** What an apostrophe leaves of "it's" and "don't": no word, while the letters D and T may be names. */
const CONTRACTED = /(?<=\p{L})['’](?:[sdtm]|ll|re|ve)(?![\p{L}\p{N}])/giu;
/** Where a word of camelCase begins. */
const HUMP = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll}{2})/u;

/**
 * The words of a text in order: lower case, without accents and invisible characters, ł as l and ß as ss; unspaced scripts
 * as overlapping character pairs, like Lucene's CJKBigramFilter: 東京都 → 東京 京都 都.
 *
 * A name of several words is also a word of its own: "Node.js" and "nodeJs" are node, js and nodejs; "P-111" is 111 and
 * p111. Signs are part of a name: "C#" is csharp and not c, ".NET" is net and dotnet, "--keep" is keep and dashdashkeep.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const name of inPairs(normalised(text)).replace(CONTRACTED, " ").match(NAME) ?? []) {
    for (const word of wordsOfName(name)) words.push(word);
  }
  return words;
}

/** The words of a match of {@link NAME}. V8 makes slices of 13 characters or more, which keep the texts that they are from. */
const wordsOfName = memoised(readName, 20_000, 12);

function readName(match: string): readonly string[] {
  const words: string[] = [];
  const add = (word: string) => {
    const folded = folding(word.toLowerCase());
    words.push(SYNONYMS.get(folded) ?? folded);
  };
  const [, before, name = "", after] = PARTS.exec(match) ?? [];
  const parts = JOINT.test(name) ? name.split(JOINT) : [name];
  const isJoined = parts.length > 1;
  for (const [index, part] of parts.entries()) {
    const sign = index === parts.length - 1 ? after : undefined;
    // A letter is another name than the letter with a sign: C is neither C++ nor Objective-C.
    if (!LETTER.test(part) || !(isJoined || sign)) addWithHumps(part, add);
    if (sign) add(part + SPELLED[sign]);
  }
  const whole = isJoined ? name.replace(JOINT_OF_NUMBERS, (sign) => SPELLED[sign] ?? "").replace(JOINTS, "") : name;
  if (isJoined) add(whole);
  if (before) add(SPELLED[before] + whole);
  return words;
}

const JOINTS = new RegExp(JOINT, "g");

/** The text with its letters in one form each: NFKC, no accents, nothing invisible. */
export function normalised(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  const visible = visibleText(text).replace(PERSIAN_SPACE, " ").replace(INVISIBLE, "");
  return visible.normalize("NFKD").replace(ACCENT, "").normalize("NFC");
}

function inPairs(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  return text.replace(UNSPACED, (run) => {
    const characters = Array.from(run);
    return ` ${characters.map((character, index) => character + (characters[index + 1] ?? "")).join(" ")} `;
  });
}

function folding(word: string): string {
  return NOT_ASCII.test(word) ? word.replace(FOLDING, (letter) => FOLDED[letter] ?? letter) : word;
}

/** Adds a word, and its parts if it is camelCase. A name such as JavaScript or jQuery is not: it would be found as Java. */
function addWithHumps(word: string, add: (word: string) => void): void {
  add(word);
  const parts = HUMP.test(word) ? word.split(HUMP) : [];
  if (parts.length > 2 || (parts.length === 2 && /^\p{Ll}{2}/u.test(word))) parts.forEach(add);
}
