import { expect, test } from "vitest";
import { searchableText, wordsQuery } from "#providers/sqlite-words.ts";

test("unspaced runs become overlapping pairs, the rest stays as it is", () => {
  expect(searchableText("in 東京都, 2026年").split(/\s+/)).toEqual(["in", "東京", "京都", "都", ",", "2026", "年", ""]);
  expect(searchableText("plain English")).toBe("plain English");
  expect(searchableText("𠮷野家").trim().split(" ")).toEqual(["𠮷野", "野家", "家"]);
});

test("a question is its telling words, quoted and each once", () => {
  expect(wordsQuery('What is a "cold start", a cold START?')).toBe('"cold" OR "start"');
  expect(wordsQuery("To be or not to be")).toBe('"to" OR "be" OR "or" OR "not"');
  expect(wordsQuery("東京都 tower")).toBe('"tower" OR "東京" OR "京都"');
  expect(wordsQuery("猫")).toBe('"猫"*');
});

test("a question without any word has no query", () => {
  for (const question of ["", " ", "?!", "🦓", "\0", "\ud800"]) expect(wordsQuery(question)).toBeUndefined();
});
