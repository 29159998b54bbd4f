import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinLines, wordCounts } from "#bulk/pdf/hyphens.ts";

const none = new Map<string, number>();

describe("two lines as one", () => {
  it.each([
    ["inter-", "national law", "international law"],
    ["soft\u00AD", "ware", "software"],
    ["state-of-the-", "art", "state-of-the-art"],
    ["COVID-", "free", "COVID-free"],
    ["1990-", "1995", "1990-1995"],
    ["Jean-", "Paul", "Jean-Paul"],
    ["two-", "and three-part", "two- and three-part"],
    ["a dash -", "and more", "a dash - and more"],
    ["plain", "words", "plain words"],
  ])("%j and %j", (line, next, joined) => {
    expect(joinLines(line, next, none)).toBe(joined);
  });

  it("have the hyphen that the document has elsewhere", () => {
    const words = wordCounts(["A well-known and a Well‐known firm", "the database"]);
    expect(joinLines("well-", "known", words)).toBe("well-known");
    expect(joinLines("data-", "base", words)).toBe("database");
  });

  it("have every letter of both", () => {
    const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, "");
    const text = fc.string({ unit: fc.constantFrom(..."abÉ1- .,\u00AD\u2010"), minLength: 1 });
    fc.assert(
      fc.property(text, text, (line, next) => {
        expect(letters(joinLines(line, next, none))).toBe(letters(line + next));
      }),
    );
  });
});
