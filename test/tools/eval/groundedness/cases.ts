import { sentencesOf } from "#rag/segment.ts";
import { NAME, NUMBER, negated, otherNumber, reworded, statement, swapped } from "./rewrite.ts";

/** A text of a document, with what others ask about it. */
export interface Passage {
  title: string;
  text: string;
  /** Passages of one topic are about the same thing. */
  topic: string;
  questions: { text: string; answer: string }[];
}

export const SUPPORTED = ["verbatim", "reworded", "in a question's words"] as const;
export const UNSUPPORTED = [
  "another passage of the topic",
  "another topic",
  "number of the passage swapped",
  "other number",
  "name of the passage swapped",
  "other name",
  "wrong number in a question's words",
  "wrong name in a question's words",
  "negated",
  "half right",
] as const;
export type Kind = (typeof SUPPORTED)[number] | (typeof UNSUPPORTED)[number];

/** A sentence, and the texts that it is to be judged by. */
export interface Case {
  kind: Kind;
  sentence: string;
  sources: { index: number; title: string; heading: string; text: string }[];
}

const MIN_WORDS = 8;
const MAX_WORDS = 45;

/**
 * For each passage that has a sentence with a number or a name: that sentence, supported and unsupported versions of it, and
 * five sources, of which only the passage supports it: two others are of its topic, two of other topics.
 */
export function casesOf(passages: readonly Passage[], random: () => number): Case[] {
  return passages.flatMap((passage) => {
    const golds = sentencesIn(passage.text);
    const telling = golds.filter((sentence) => NUMBER.test(sentence) || NAME.test(sentence));
    const gold = pick(telling.length > 0 ? telling : golds, random);
    if (gold === undefined) return [];
    const ofTopic = shuffled(
      passages.filter((each) => each !== passage && each.topic === passage.topic),
      random,
    );
    const others = shuffled(
      passages.filter(({ topic }) => topic !== passage.topic),
      random,
    );
    const given = shuffled([passage, ...ofTopic.slice(0, 2), ...others.slice(0, 4)].slice(0, 5), random);
    const sources = given.map(({ title, text }, at) => ({ index: at + 1, title, heading: "", text }));
    const [near, far] = [ofTopic.slice(2), others.slice(4)];
    const sentences = [...versionsOf(gold, passage, near, far, random), ...statementsOf(passage, random)];
    return sentences.map(([kind, sentence]): Case => ({ kind, sentence, sources }));
  });
}

type Version = readonly [kind: Kind, sentence: string];

function versionsOf(
  gold: string,
  passage: Passage,
  near: readonly Passage[],
  far: readonly Passage[],
  random: () => number,
): Version[] {
  const isElsewhere = (sentence: string | undefined) => sentence !== undefined && !passage.text.includes(sentence);
  const ofTopic = pick(sentencesIn(pick(near, random)?.text ?? ""), random);
  const ofOther = pick(sentencesIn(pick(far, random)?.text ?? ""), random);
  const elsewhere = near
    .concat(far.slice(0, 10))
    .map(({ text }) => text)
    .join("\n");
  const number = pick(gold.match(NUMBER) ?? [], random);
  const versions: [Kind, string | undefined][] = [
    ["verbatim", gold],
    ["reworded", reworded(gold)],
    ["another passage of the topic", isElsewhere(ofTopic) ? ofTopic : undefined],
    ["another topic", ofOther],
    ["number of the passage swapped", swapped(gold, NUMBER, passage.text.match(NUMBER) ?? [], random)],
    ["other number", number && gold.replace(number, otherNumber(number, random))],
    ["name of the passage swapped", swapped(gold, NAME, passage.text.match(NAME) ?? [], random)],
    ["other name", swapped(gold, NAME, unknownNames(elsewhere, passage.text), random)],
    ["negated", negated(gold)],
    ["half right", ofOther && halves(gold, ofOther)],
  ];
  return versions.flatMap(([kind, sentence]): Version[] =>
    sentence && (kind === "verbatim" || sentence !== gold) ? [[kind, sentence]] : [],
  );
}

/** Of one question: the right answer and one of the same form to another question about the passage. */
function statementsOf({ questions }: Passage, random: () => number): Version[] {
  return shuffled(questions, random)
    .slice(0, 2)
    .flatMap((question): Version[] => {
      const right = statement(question.text, question.answer);
      if (right === undefined) return [];
      const form = /\d/.test(question.answer) ? /\d/ : /^\p{Lu}/u;
      const others = questions.filter(
        ({ answer }) =>
          form.test(answer) &&
          /\d/.test(answer) === /\d/.test(question.answer) &&
          !answer.includes(question.answer) &&
          !question.answer.includes(answer) &&
          !question.text.includes(answer),
      );
      const wrong = form.test(question.answer) ? pick(others, random) : undefined;
      const kind = /\d/.test(question.answer)
        ? "wrong number in a question's words"
        : "wrong name in a question's words";
      const said = wrong && statement(question.text, wrong.answer);
      return [["in a question's words", right], ...(said ? [[kind, said] as const] : [])];
    });
}

function unknownNames(text: string, known: string): string[] {
  return (text.match(NAME) ?? []).filter((name) => !known.includes(name));
}

/** The first half of one sentence and the second half of another. */
function halves(first: string, second: string): string {
  const [a, b] = [first.split(" "), second.split(" ")];
  return [...a.slice(0, Math.ceil(a.length / 2)), ...b.slice(Math.floor(b.length / 2))].join(" ");
}

/** Sentences of prose, neither short nor long. */
function sentencesIn(text: string): string[] {
  return sentencesOf(text)
    .map(({ start, end }) => text.slice(start, end).trim())
    .filter((sentence) => {
      const words = sentence.split(/\s+/).length;
      return (
        words >= MIN_WORDS &&
        words <= MAX_WORDS &&
        /^[\p{Lu}`"“]/u.test(sentence) &&
        /[.!]["”)]?$/.test(sentence) &&
        !/[|\n]/.test(sentence)
      );
    });
}

function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const at = Math.floor(random() * (last + 1));
    [copy[at], copy[last]] = [copy[last] as T, copy[at] as T];
  }
  return copy;
}
