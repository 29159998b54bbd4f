import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createCitedStream } from "#rag/cited-stream.ts";

/** What is told of a text that comes in these pieces, one by one, and the end. */
function stream(pieces: readonly string[], isCut = false) {
  const cited = createCitedStream([1, 2]);
  const told = pieces.map((piece) => cited.push(piece));
  const end = cited.end(isCut);
  return { told, ...end };
}

describe("a text that comes in pieces", () => {
  it.each<[name: string, pieces: string[], told: string[], rest: string]>([
    [
      "is told as it comes, but for the space at its end",
      ["It sings", " at ", "dawn."],
      ["It sings", " at", " dawn."],
      "",
    ],
    ["loses the space around it", [" \n", "\n It", " sings. \n", "\n"], ["", "It", " sings.", ""], ""],
    ["is told with its citations", ["At dawn", " [", "1", "]", "."], ["At dawn", "", "", " [1]", "."], ""],
    ["waits for a citation that may not exist", ["At noon", " [", "7", "]."], ["At noon", "", "", "."], ""],
    ["waits for the rest of a list", ["So [1", ",", " 9", "]"], ["So", "", "", " [1]"], ""],
    ["waits while one stands in another", ["So [[9", "]", "1", "]."], ["So", "", "", " [1]."], ""],
    ["does not wait for what is no citation", ["a [", "b", "] [1", "-3]"], ["a", " [b", "]", " [1-3]"], ""],
    ["does not wait in a block of code", ["```\na[", "9", "]"], ["```\na[", "9", "]"], ""],
    ["does not wait for code in a line", ["Use `at", "(0)", "`."], ["Use `at", "(0)", "`."], ""],
    ["waits for a bracket in what may be code", ["Use `a", "[9]", ".b", "`."], ["Use `a", "", "", "[9].b`."], ""],
    ["waits until the line shows that it is not", ["A ` b", " [9]", " c", "\nd"], ["A ` b", "", "", " c\nd"], ""],
    ["keeps a bracket that nothing closes", ["At [", "1"], ["At", ""], " [1"],
    ["is told in whole characters", ["a \ud83d", "\ude42"], ["a ", "\ud83d\ude42"], ""],
  ])("%s", (_, pieces, told, rest) => {
    expect(stream(pieces)).toMatchObject({ told, rest, text: told.join("") + rest });
  });

  it.each<[name: string, pieces: string[], text: string]>([
    ["says that the limit cut it", ["At dawn [1]. At", " ni"], "At dawn [1]. At ni …"],
    ["is not cut within a citation", ["At dawn [1]. At night", " [2, 1"], "At dawn [1]. At night …"],
    ["is not cut within citations in each other", ["At night", " [2, [1"], "At night …"],
    ["keeps the code that was cut", ["```\na[9"], "```\na[9 …"],
    ["is nothing when nothing came of it", [" [9] ", "["], ""],
  ])("%s", (_, pieces, text) => {
    expect(stream(pieces, true).text).toBe(text);
  });

  it("cites what the whole cites", () => {
    expect(stream(["A [2", "] `[1]` [9] [2, ", "1]"]).cited).toEqual([2, 1]);
  });
});

const PIECES = [
  "[",
  "]",
  "[1]",
  "[9]",
  " [9]",
  "[1, 9]",
  " ",
  "\t",
  "\n",
  "word",
  "1",
  "9",
  ",",
  "`",
  "```",
  "🙂",
  "\ud83d",
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(""));
const splits = fc.array(fc.nat({ max: 120 }), { maxLength: 20 });

test("what is told, joined, is the text of the whole, however it is split", () => {
  fc.assert(
    fc.property(text, splits, fc.boolean(), (whole, at, isCut) => {
      const edges = [0, ...at.toSorted((a, b) => a - b), whole.length];
      const pieces = edges.slice(1).map((edge, index) => whole.slice(edges[index], edge));
      const { told, rest, text, cited } = stream(pieces, isCut);
      expect(told.join("") + rest).toBe(text);
      const inOne = stream([whole], isCut);
      expect({ text, cited }).toEqual({ text: inOne.text, cited: inOne.cited });
      expect(text).toBe(text.trim());
    }),
    { numRuns: 20_000 },
  );
});

test("of plain prose all is told but the space at the end", () => {
  const prose = fc.array(fc.stringMatching(/^[^[`\ud800-\udfff]*$/), { maxLength: 9 });
  fc.assert(
    fc.property(prose, (pieces) => {
      const { told } = stream(pieces);
      const soFar = pieces.map((_, index) =>
        pieces
          .slice(0, index + 1)
          .join("")
          .trim(),
      );
      expect(told.map((_, index) => told.slice(0, index + 1).join(""))).toEqual(soFar);
    }),
    { numRuns: 2_000 },
  );
});
