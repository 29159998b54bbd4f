import { describe, expect, it } from "vitest";
import { sentencesOf } from "#rag/segment.ts";

const sentences = (text: string) => sentencesOf(text).map(({ start, end }) => text.slice(start, end).trim());

describe("the sentences of a text", () => {
  it.each([
    ["steps with their numbers", "1. Open it. Wait.\n2. Close it.", ["1. Open it.", "Wait.", "2. Close it."]],
    ["steps with labels", "Step 1: Open it\nStep 2: Close it", ["Step 1: Open it", "Step 2: Close it"]],
    ["items in brackets", "Either\n(a) one\n(b) two", ["Either", "(a) one", "(b) two"]],
    ["a question and its answer", "Q: Opening hours\nA: 9 to 5.", ["Q: Opening hours", "A: 9 to 5."]],
    ["a question and its answer in bold", "**Q:** Why\n**A:** Because", ["**Q:** Why", "**A:** Because"]],
    ["a question with a letter and a dot", "Q. How often? A. Daily.", ["Q. How often?", "A. Daily."]],
    ["names with signs", "Indent in C#. Use Node.js 24.1 then.", ["Indent in C#.", "Use Node.js 24.1 then."]],
    [
      "a line that goes on",
      "One sentence\ngoes on. And ends with 3. Then more.",
      ["One sentence\ngoes on.", "And ends with 3.", "Then more."],
    ],
  ])("are %s", (_what, text, parts) => {
    expect(sentences(text)).toEqual(parts);
  });
});
