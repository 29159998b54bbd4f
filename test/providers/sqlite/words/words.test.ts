import { expect, test } from "vitest";
import { questionWordsOf, searchableText } from "#providers/sqlite/words/words.ts";

test("indexes words, and overlapping pairs of runs without spaces", () => {
  expect(searchableText("in 東京都, 2026年")).toBe("in 東京 京都 都 2026 年");
  expect(searchableText("Plain English: C# and .NET!")).toBe("plain english csharp and net dotnet");
  expect(searchableText("𠮷野家")).toBe("𠮷野 野家 家");
});

test("returns the distinct significant words of a question, quoted", () => {
  expect(questionWordsOf('What is a "cold start", a cold START?')).toEqual(['"cold"', '"start"']);
  expect(questionWordsOf("To be or not to be")).toEqual(['"to"', '"be"', '"or"', '"not"']);
  expect(questionWordsOf("東京都 tower")).toEqual(['"tower"', '"東京"', '"京都"']);
  expect(questionWordsOf("猫")).toEqual(['"猫"*']);
  expect(questionWordsOf("東\u200B京")).toEqual(['"東京"']);
});

test("returns no terms for a question without words", () => {
  for (const question of ["", " ", "?!", "🦓", "\0", "\ud800"]) expect(questionWordsOf(question)).toEqual([]);
});
