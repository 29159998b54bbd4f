import fc from "fast-check";
import { expect, test } from "vitest";
import { lexicon } from "#providers/lexical/lexicon.ts";
import { Vocabulary } from "#quality/vocabulary.ts";
import { forEachWord, wordsOf } from "#quality/words.ts";

const text = fc.string({
  unit: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(..."abcxyzIsY0189_ .,;'-\n") },
    { weight: 2, arbitrary: fc.constantFrom(..."µßéÑĐİ\u0345€—’×÷東京いчΩ") },
  ),
  maxLength: 60,
});

function visited(text: string, isWanted: (first: number, second: number) => boolean): string[] {
  const words: string[] = [];
  forEachWord(text, isWanted, (word) => words.push(word));
  return words;
}

test("each word of a text is visited in order", () => {
  const all = fc.property(text, (text) => {
    expect(visited(text, () => true)).toEqual(wordsOf(text));
  });
  fc.assert(all, { numRuns: 2_000 });
});

test("of a Latin text, words whose first two characters are not wanted are left out", () => {
  const isWanted = (first: number, second: number) => String.fromCharCode(first, second) === "be";
  expect(visited("Bees be beside: a b, abe B.", isWanted)).toEqual(["bees", "be", "beside"]);
  expect(visited("b a", (first, second) => second === 0 && first === 97)).toEqual(["a"]);
});

test("no word that stands for a term is left out", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abesyit"), minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), word, (terms, word) => {
      const vocabulary = new Vocabulary(lexicon);
      for (const term of terms) vocabulary.add(term);
      const second = word.length > 1 ? word.charCodeAt(1) : 0;
      return vocabulary.match(word) === undefined || vocabulary.mayMatch(word.charCodeAt(0), second);
    }),
    { numRuns: 5_000 },
  );
});
