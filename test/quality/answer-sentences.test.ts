import { describe, expect, it } from "vitest";
import { answerSentencesOf } from "#quality/answer-sentences.ts";

const read = (answer: string) =>
  answerSentencesOf(answer, new Set([1, 2, 3])).map(({ start, end, cited }) => [
    answer.slice(start, end).trim().replace(/\s+/g, " "),
    cited,
  ]);

describe("sentences of an answer", () => {
  it("have the citations in them and behind them", () => {
    expect(read("A is b [1]. C is d. [2, 3] E is f [1][2].")).toEqual([
      ["A is b [1].", [1]],
      ["C is d. [2, 3]", [2, 3]],
      ["E is f [1][2].", [1, 2]],
    ]);
  });

  it("have none of code, of unknown sources, or of indices", () => {
    expect(read("Use `list[1]` and list [9]. Then go.")).toEqual([
      ["Use `list[1]` and list [9].", []],
      ["Then go.", []],
    ]);
  });

  it("are items, rows and blocks of code, but no headings and lines that only introduce", () => {
    const answer =
      "# Title\n\nThese are:\n- one [1]\n- two\n\n| a | b |\n|---|---|\n| c | d |\n\n```sh\nrun [1]\n```\nEnd. [2]";
    expect(read(answer)).toEqual([
      ["- one [1]", [1]],
      ["- two", []],
      ["| a | b |", []],
      ["| c | d |", []],
      ["```sh run [1] ```", []],
      ["End. [2]", [2]],
    ]);
  });

  it("end before a code span", () => {
    expect(read("It is kept. `a.ts` keeps it [1].")).toEqual([
      ["It is kept.", []],
      ["`a.ts` keeps it [1].", [1]],
    ]);
  });

  it("begin a paragraph, or do not", () => {
    const first = answerSentencesOf("A is b. C is d.\n\nE is f.", new Set()).map(({ isFirst }) => isFirst);
    expect(first).toEqual([true, false, true]);
  });
});
