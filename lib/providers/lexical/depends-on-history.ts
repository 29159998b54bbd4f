import { isCourtesy, isName, isSign, isSignificant, set, tokensOf } from "./question-words.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** Words that stand for something said before; those of {@link SELF} may also stand for the program that is asked. */
const PRONOUNS = set("it its they them their theirs those these this such ones");
const SELF = set("it its this");
/** A question with so many significant words of its own is found by them. */
const ENOUGH = 3;
const ADVERBS = set("instead afterwards otherwise");
const AUXILIARIES = set(
  "am is are was were be do does did can could will would shall should may might must has have had isn't aren't doesn't don't can't won't",
);
const PREPOSITIONS = set(
  "about after at before by for from in into like of off on out than to under until up with without",
);
const SUBJECTS = set("i you we they to");
const DETERMINERS = set("a an the my our your every each any some no");
/** Where another clause begins. */
const CONJUNCTIONS = set("and because before after but if or so that when where which while who");
const CONNECTIVES = set("also and but even for just only or so then with without");
const QUESTION_WORDS = set("how what when where which who whom whose why");
const NEW_TOPIC =
  /\b(?:(?:new|other|another|different|next|unrelated) (?:question|topic|subject|thing)|something else|by the way|btw)\b/i;
const OTHER_SUBJECT = /^(?:what|how) about /;
/** "What is groundedness?" */
const DEFINITION = /^(?:what|who)(?: is| are|['’]s) \S+$/;
/** "How do refunds work?": the next word is what the question is about. */
const SUBJECT = /^(?:(?:how|where|when|why) (?:is|was)|(?:how|what|where|when|why) (?:are|were|do|does|did)) (\S+)/;

/**
 * Whether a question can only be understood with what was said before it. A rule for English: a pronoun that nothing in the
 * question explains ("how do I turn it off?"), no verb ("and Jaeger?"), or hardly a word of its own ("what is the
 * default"). Chosen by measurement: docs/decisions/0032-conversations.md.
 */
export function dependsOnHistory(question: string): boolean {
  if (NEW_TOPIC.test(question)) return false;
  const tokens = tokensOf(question);
  const words = tokens.filter((token) => !isSign(token)).map((word) => word.toLowerCase());
  if (words.every((word) => isCourtesy(word) || (STOP_WORDS.has(word) && !QUESTION_WORDS.has(word)))) return false;
  const significant = tokens.filter(isSignificant);

  const open = openReferences(tokens.map((token) => token.toLowerCase()));
  if (open.some((word) => !SELF.has(word)) || (open.length > 0 && significant.length < ENOUGH)) return true;
  if (significant.length === 0 || words.some((word) => ADVERBS.has(word))) return true;
  if (isElliptical(question)) {
    const begin = words.join(" ");
    return significant.length <= (QUESTION_WORDS.has(words[0] ?? "") && !OTHER_SUBJECT.test(begin) ? 1 : 3);
  }
  return significant.length === 1 && !standsAlone(words, tokens);
}

/** Whether a question has no verb and goes on with another one: "and Jaeger?", "for how long?". */
export function isElliptical(question: string): boolean {
  const words = tokensOf(question.toLowerCase()).filter((token) => !isSign(token));
  const begin = words[0] ?? "";
  return !words.some((word) => AUXILIARIES.has(word)) && (CONNECTIVES.has(begin) || QUESTION_WORDS.has(begin));
}

/** Whether a question with one significant word is complete: it names or defines something, or is about the one who asks. */
function standsAlone(words: readonly string[], tokens: readonly string[]): boolean {
  const has = (...wanted: string[]) => wanted.some((word) => words.includes(word));
  // The first word has a capital letter anyway.
  if (tokens.some((token, at) => isSignificant(token) && isName(at === 0 ? token.slice(1) : token))) return true;
  const text = words.join(" ");
  if (has("a", "an", "any") || DEFINITION.test(text) || isSignificant(SUBJECT.exec(text)?.[1] ?? "the")) return true;
  return has("i", "we", "you") && !CONNECTIVES.has(words[0] ?? "");
}

/** The words that stand for something which the question itself does not name. */
function openReferences(tokens: readonly string[]): string[] {
  return tokens.filter((token, at) => refers(tokens, token, at) && !isNamedBefore(tokens, at));
}

function refers(tokens: readonly string[], token: string, at: number): boolean {
  if (PRONOUNS.has(token)) return true;
  const before = tokens[at - 1] ?? "";
  const after = tokens[at + 1] ?? "";
  const isLast = after === "" || isSign(after);
  // Not the number: "one tenant".
  if (token === "one") return isLast || STOP_WORDS.has(after);
  // Not the relative pronoun: "a key that can only read".
  if (token !== "that") return false;
  const isObject = SUBJECTS.has(tokens[at - 2] ?? "") && isSignificant(before); // "can I make that longer?"
  return (
    isObject ||
    isLast ||
    before === "" ||
    [before, after].some((word) => PREPOSITIONS.has(word)) ||
    AUXILIARIES.has(before)
  );
}

/** Whether an earlier clause of the question has what a word at this place may stand for. */
function isNamedBefore(tokens: readonly string[], at: number): boolean {
  const boundary = tokens.slice(0, at).findLastIndex((token) => isSign(token) || CONJUNCTIONS.has(token));
  const earlier = tokens.slice(0, Math.max(0, boundary));
  const significant = earlier.filter(isSignificant).length;
  return significant > 1 || (significant === 1 && earlier.some((token) => DETERMINERS.has(token)));
}
