import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createCitedStream } from "#rag/cited-stream.ts";

/** What is emitted for each of these pieces, and at the end. */
function stream(pieces: readonly string[], isTruncated = false) {
  const cited = createCitedStream([1, 2]);
  const emitted = pieces.map((piece) => cited.push(piece));
  const end = cited.end(isTruncated);
  return { emitted, ...end };
}

describe("a streamed text", () => {
  it.each<[name: string, pieces: string[], emitted: string[], rest: string]>([
    [
      "is emitted at once, except for the space at its end",
      ["It sings", " at ", "dawn."],
      ["It sings", " at", " dawn."],
      "",
    ],
    ["is trimmed", [" \n", "\n It", " sings. \n", "\n"], ["", "It", " sings.", ""], ""],
    ["is emitted with its citations", ["At dawn", " [", "1", "]", "."], ["At dawn", "", "", " [1]", "."], ""],
    [
      "is held back at the start of a citation until it is complete",
      ["At noon", " [", "7", "]."],
      ["At noon", "", "", "."],
      "",
    ],
    ["is held back within a list of citations", ["So [1", ",", " 9", "]"], ["So", "", "", " [1]"], ""],
    ["is held back within nested citations", ["So [[9", "]", "1", "]."], ["So", "", "", " [1]."], ""],
    [
      "is emitted once a bracket cannot become a citation",
      ["a [", "b", "] [1", "=3]"],
      ["a", " [b", "]", " [1=3]"],
      "",
    ],
    ["is emitted at once within fenced code", ["```\na[", "9", "]"], ["```\na[", "9", "]"], ""],
    ["is emitted at once within inline code", ["Use `at", "(0)", "`."], ["Use `at", "(0)", "`."], ""],
    [
      "is held back at a bracket in possible inline code",
      ["Use `a", " [9]", ".b", "`."],
      ["Use `a", "", "", " [9].b`."],
      "",
    ],
    [
      "is held back until the line ends without inline code",
      ["A ` b", " [9]", " c", "\nd"],
      ["A ` b", "", "", " c\nd"],
      "",
    ],
    ["keeps an unclosed bracket", ["At [", "1"], ["At", ""], " [1"],
    ["is emitted in whole characters", ["a \ud83d", "\ude42"], ["a ", "\ud83d\ude42"], ""],
  ])("%s", (_, pieces, emitted, rest) => {
    expect(stream(pieces)).toMatchObject({ emitted, rest, text: emitted.join("") + rest });
  });

  it.each<[name: string, pieces: string[], text: string]>([
    ["ends with an ellipsis when it is truncated", ["At dawn [1]. At", " ni"], "At dawn [1]. At ni …"],
    ["drops a citation that is truncated", ["At dawn [1]. At night", " [2, 1"], "At dawn [1]. At night …"],
    ["drops nested citations that are truncated", ["At night", " [2, [1"], "At night …"],
    ["keeps a bracket in truncated code", ["```\na[9"], "```\na[9 …"],
    ["is empty, without an ellipsis, when nothing remains", [" [9] ", "["], ""],
  ])("%s", (_, pieces, text) => {
    expect(stream(pieces, true).text).toBe(text);
  });

  it("cites the sources of the whole text", () => {
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

test("the emitted pieces, joined, are the whole text, however the input is split", () => {
  fc.assert(
    fc.property(text, splits, fc.boolean(), (whole, at, isTruncated) => {
      const edges = [0, ...at.toSorted((a, b) => a - b), whole.length];
      const pieces = edges.slice(1).map((edge, index) => whole.slice(edges[index], edge));
      const { emitted, rest, text, cited } = stream(pieces, isTruncated);
      expect(emitted.join("") + rest).toBe(text);
      const inOne = stream([whole], isTruncated);
      expect({ text, cited }).toEqual({ text: inOne.text, cited: inOne.cited });
      expect(text).toBe(text.trim());
    }),
    { numRuns: 20_000 },
  );
});

test("plain prose is emitted at once, except for the space at its end", () => {
  const prose = fc.array(fc.stringMatching(/^[^[【［\\`\ud800-\udfff]*$/), { maxLength: 9 });
  fc.assert(
    fc.property(prose, (pieces) => {
      const { emitted } = stream(pieces);
      const soFar = pieces.map((_, index) =>
        pieces
          .slice(0, index + 1)
          .join("")
          .trim(),
      );
      expect(emitted.map((_, index) => emitted.slice(0, index + 1).join(""))).toEqual(soFar);
    }),
    { numRuns: 2_000 },
  );
});

test.each(["word and ", "x", "line\n", " "])(
  "16 million characters of %j are no more than the stack can hold",
  (text) => {
    const whole = `a${text.repeat(16_000_000 / text.length)}.`;
    const { emitted, rest } = stream([whole]);
    // Not toBe: a difference would be printed.
    expect(emitted.join("") + rest === whole).toBe(true);
  },
);
