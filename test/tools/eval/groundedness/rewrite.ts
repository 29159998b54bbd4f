/** Changes to a sentence that keep its meaning, and changes that do not. All are deterministic. */

const SYNONYMS: readonly [from: RegExp, to: string][] = [
  [/\bbegan\b/g, "started"],
  [/\bbecause\b/g, "since"],
  [/\blarge\b/g, "big"],
  [/\bnear\b/g, "close to"],
  [/\bseveral\b/g, "a number of"],
  [/\bmade\b/g, "produced"],
  [/\bused\b/g, "employed"],
  [/\bknown\b/g, "called"],
  [/\bshow(s?)\b/g, "display$1"],
  [/\bneed(s?)\b/g, "require$1"],
  [/\bmany\b/g, "numerous"],
  [/\bsmall\b/g, "little"],
  [/\bhowever,? ?/gi, ""],
  [/\balso /g, ""],
  [/\bpercent\b/g, "%"],
  [/\b(\d{1,3}),(\d{3})\b/g, "$1$2"],
  [/\btwo\b/g, "2"],
  [/\bthree\b/g, "3"],
  [/\bfour\b/g, "4"],
  [/\bfive\b/g, "5"],
];
const LEADING = /^((?:In|On|At|After|Before|During|By|With|For|As|Since|From|When|If) [^,]{3,60}), (.{20,})\.$/s;
const TRAILING = /^(.{30,}?)(?:, (?:which|while|where|whereas|although|and|but|so|because) |; | – |: )/s;

/** The sentence in other words: clauses moved or left out, words and number formats replaced; `undefined` if none fits. */
export function reworded(sentence: string): string | undefined {
  let text = sentence.trim();
  const [, leading, rest] = LEADING.exec(text) ?? [];
  if (leading && rest)
    text = `${rest.charAt(0).toUpperCase()}${rest.slice(1)} ${leading.charAt(0).toLowerCase()}${leading.slice(1)}.`;
  const shorter = TRAILING.exec(text)?.[1];
  if (shorter && shorter.split(" ").length >= 6) text = `${shorter}.`;
  for (const [from, to] of SYNONYMS) text = text.replace(from, to);
  return text === sentence.trim() ? undefined : text;
}

const AUXILIARY =
  /\b(is|are|was|were|can|could|will|would|has|have|had|does|did|do|may|must|should)\b(?! not| no| n| un)/;
const NEGATION = /\b(is|are|was|were|can|could|will|would|has|have|had|does|did|do|may|must|should)(?: not|n['’]t)\b/;
const NEVER = /\b(?:never|no longer) /;

/** The sentence with a negation added or taken away; `undefined` where that takes more than one word. */
export function negated(sentence: string): string | undefined {
  if (NEGATION.test(sentence)) return sentence.replace(NEGATION, "$1");
  if (NEVER.test(sentence)) return sentence.replace(NEVER, "");
  return AUXILIARY.test(sentence) ? sentence.replace(AUXILIARY, "$1 not") : undefined;
}

export const NUMBER = /(?<![\w.,])\d+(?:[.,]\d+)*(?![\w]|[.,]\d)/g;
/** Not at the start of the sentence; without words that begin every sentence. */
export const NAME = /(?<=[\p{L}\p{N},)] )\p{Lu}[\p{L}\p{M}]{2,}(?: \p{Lu}[\p{L}\p{M}]+)*/gu;

/** The sentence with one of what `pattern` finds replaced by another; `undefined` when there is no other. */
export function swapped(
  sentence: string,
  pattern: RegExp,
  others: readonly string[],
  random: () => number,
): string | undefined {
  const found = Array.from(sentence.matchAll(pattern));
  const target = found[Math.floor(random() * found.length)];
  if (!target) return undefined;
  const [old] = target;
  const isOther = (other: string) => !sentence.includes(other) && !other.includes(old) && !old.includes(other);
  const candidates = [...new Set(others)].filter(isOther);
  const other = candidates[Math.floor(random() * candidates.length)];
  if (other === undefined) return undefined;
  return `${sentence.slice(0, target.index)}${other}${sentence.slice(target.index + old.length)}`;
}

/** A number of the same form with other digits: 1996 → 1989. */
export function otherNumber(number: string, random: () => number): string {
  const change = (digit: string) => String((Number(digit) + 1 + Math.floor(random() * 8)) % 10 || 1);
  const keep = number.length > 3 ? 2 : 0;
  return number.slice(0, keep) + number.slice(keep).replace(/\d/g, change);
}

const ASKED =
  /^(?:(in|at|on|by|for|to|of|from|with|during) )?(?:what|which|who|whom|when|where|how (?:many|much|long|far|old|often))\b/i;

/** A question and its answer as a statement in the question's words; `undefined` for "why" and "how". */
export function statement(question: string, answer: string): string | undefined {
  if (!ASKED.test(question)) return undefined;
  const text = question.replace(ASKED, (_, preposition?: string) =>
    preposition ? `${preposition} ${answer}` : answer,
  );
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\s*\?\s*$/, "")}.`;
}
