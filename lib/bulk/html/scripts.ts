/** Digits after a unit of length or time: the characters exist, and everybody writes them so. */
const RAISED: Readonly<Record<string, string>> = { "2": "²", "3": "³" };
const UNIT = /(?:^|[^\p{L}])(?:[kcdmµμn]?m|ft|in|yd|mi|px|s)$/u;
const ORDINAL = /^(?:st|nd|rd|th|er|re|e|ème|è|me|a|º|ª)$/i;
const SIGN: Readonly<Record<string, string>> = { TM: "™", SM: "℠", R: "®", "®": "®", "™": "™" };

/**
 * What a superscript adds to the text before it: `^6` after "10", `²` after "m", "nd" after "2". Whatever it is, it is told
 * apart from the word or number that it stands at.
 *
 * @param after the text that follows: `/` makes it part of a fraction, "C" a degree
 */
export function exponent(before: string, raised: string, after = ""): string {
  const value = raised.trim();
  if (value === "" || /\s$/.test(before) || before === "") return value;
  // The number above the bar of a fraction, also after a whole number.
  if (/^\s*[/⁄]/.test(after) && /^\d+$/.test(value)) return /\d$/.test(before) ? ` ${value}` : value;
  if (/^[oº°]$/.test(value) && /\d$/.test(before)) return /^\s*[CF]\b/.test(after) ? "°" : "º";
  // A remark, such as "[citation needed]".
  if (/^\[.*\]$/.test(value)) return ` ${value}`;
  if (UNIT.test(before) && RAISED[value]) return RAISED[value];
  if (/\d$/.test(before) && ORDINAL.test(value)) return value;
  // "Quokka TM", but not x to the r: a sign follows a word.
  if (/\p{L}{3}$/u.test(before) && SIGN[value]) return SIGN[value];
  // Abbreviations: Mme, Cie, Wm.
  if (/(?:^|[^\p{L}])\p{Lu}\p{Ll}?$/u.test(before) && /^\p{Ll}{2,4}$/u.test(value)) return value;
  // A mark of its own, such as * or †.
  if (/^[^\p{L}\p{N}]+$/u.test(value) && !/^[-+−]$/.test(value)) return value;
  return /^\d{1,2}\)$/.test(value) ? `^${value}` : `^${simple(value)}`;
}

/** What a subscript adds: "2" after H as in H2O, `_1` after x, `_max` after v. */
export function index(before: string, lowered: string): string {
  const value = lowered.trim();
  if (value === "" || /[\s/⁄]$/.test(before) || before === "") return value;
  if (/(?:\p{Lu}\p{Ll}?|[)\]])$/u.test(before) && /^\d+$/.test(value)) return value;
  return `_${simple(value)}`;
}

function simple(value: string): string {
  return /^[-+−]?[\p{L}\p{N}.,]+$|^[-+−]$/u.test(value) ? value : `(${value})`;
}
