import fc from "fast-check";
import { test } from "vitest";
import { lexicon } from "#providers/lexical/lexicon.ts";
import { Vocabulary } from "#quality/vocabulary.ts";

test("no word that stands for a term is left out", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abesyit"), minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), word, (terms, word) => {
      const vocabulary = new Vocabulary(lexicon);
      for (const term of terms) vocabulary.add(term);
      return vocabulary.match(word) === undefined || vocabulary.mayMatch(word);
    }),
    { numRuns: 5_000 },
  );
});
