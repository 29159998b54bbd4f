const ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
seventeen eighteen nineteen".split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** English; in lower case. */
export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ...ONES.map((word, value) => [word, value] as const),
  ...TENS.map((word, index) => [word, (index + 2) * 10] as const),
]);

export const ORDINALS: ReadonlyMap<string, number> = new Map(
  "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    .split(" ")
    .map((word, index) => [word, index + 1] as const),
);

/** In the languages of most questions, and their short forms; in lower case. */
const MONTH_NAMES = [
  "january february march april may june july august september october november december",
  "jan feb mar apr may jun jul aug sep oct nov dec",
  "januar februar märz april mai juni juli august september oktober november dezember",
  "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
  "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
  "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
  "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
  "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
];

export const MONTHS: ReadonlyMap<string, number> = new Map(
  MONTH_NAMES.flatMap((names) => names.split(" ").map((name, index) => [name, index + 1] as const)),
);

const WORDS: ReadonlySet<string> = new Set([...NUMBER_WORDS.keys(), ...ORDINALS.keys(), ...MONTHS.keys()]);

/** Whether a word, in lower case, is a number or a month. */
export function isNumberWord(word: string): boolean {
  return WORDS.has(word);
}

/** Whether a word, in lower case, may be a number or a part of one. */
export function hasNumberWord(word: string): boolean {
  const first = word.charCodeAt(0);
  return (first >= 48 && first <= 57) || first > 0x5ff || WORDS.has(word);
}
