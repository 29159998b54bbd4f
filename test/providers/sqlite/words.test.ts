import { expect, test } from "vitest";
import { searchableText } from "#providers/lexical/searchable-text.ts";
import { wordsOf } from "#providers/sqlite/words.ts";

test("splits unspaced runs into overlapping pairs and leaves the rest unchanged", () => {
  expect(searchableText("in 東京都, 2026年").split(/\s+/)).toEqual(["in", "東京", "京都", "都", ",", "2026", "年", ""]);
  expect(searchableText("plain English")).toBe("plain English");
  expect(searchableText("𠮷野家").trim().split(" ")).toEqual(["𠮷野", "野家", "家"]);
});

test("returns the distinct significant words of a question, quoted", () => {
  expect(wordsOf('What is a "cold start", a cold START?')).toEqual(['"cold"', '"start"']);
  expect(wordsOf("To be or not to be")).toEqual(['"to"', '"be"', '"or"', '"not"']);
  expect(wordsOf("東京都 tower")).toEqual(['"tower"', '"東京"', '"京都"']);
  expect(wordsOf("猫")).toEqual(['"猫"*']);
});

test("returns no terms for a question without words", () => {
  for (const question of ["", " ", "?!", "🦓", "\0", "\ud800"]) expect(wordsOf(question)).toEqual([]);
});
