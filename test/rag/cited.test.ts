import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { citedIn, createCitationFilter } from "#rag/cited.ts";

/** A text without the citations that do not exist, and what it cites. */
function keepKnownCitations(whole: string, known: number[]) {
  const filter = createCitationFilter(known);
  const kept = filter.push(whole);
  const { rest, open } = filter.end();
  const text = kept + rest + open;
  return { text, cited: citedIn(text) };
}

describe("citations of sources", () => {
  it.each<[name: string, text: string, kept: string, cited: number[]]>([
    ["that exist stay", "Fast [2], and small[1].", "Fast [2], and small[1].", [2, 1]],
    ["that do not are removed, with the space before", "Fast [3]. Small [1].", "Fast. Small [1].", [1]],
    ["are all that goes: no word, no line", "One [0]\n\ntwo  [7]  three", "One\n\ntwo  three", []],
    ["in a list are told apart", "Both [1, 9,2] of them [8, 9].", "Both [1, 2] of them.", [1, 2]],
    ["side by side are told apart", "Both [1][9][2].", "Both [1][2].", [1, 2]],
    ["are each named once", "A [1]. B [1].", "A [1]. B [1].", [1]],
    ["do not come about by removing others", "A [[9]8]. B [[9]1].", "A. B [1].", [1]],
    [
      "are not what code indexes with",
      "Use `a[7]` or:\n```js\nb[8] = 1\n```\n[2]",
      "Use `a[7]` or:\n```js\nb[8] = 1\n```\n[2]",
      [2],
    ],
    ["are not what unfinished code indexes with", "```js\nb[8]", "```js\nb[8]", []],
    ["are not counted where the removal of others makes code of them", "``[9]` and [1]", "``` and [1]", []],
    ["are not taken for code where the removal of others ends it", "``[9]`x````[8]", "```x````", []],
    ["stay where the removal of others makes code of them", "`[9][7,\n8]``x[5]", "```x[5]", []],
    ["are numbers and nothing else", "See [x], [1-3], [ ] and [-1].", "See [x], [1-3], [ ] and [-1].", []],
    ["are numbers as they are written", "A [01] and [1.0].", "A and [1.0].", []],
    ["too great for a number are none that exist", `A [${"9".repeat(400)}].`, "A.", []],
  ])("%s", (_, text, kept, cited) => {
    expect(keepKnownCitations(text, [1, 2])).toEqual({ text: kept, cited });
  });

  it("take no longer to find in a text that is made to be slow", () => {
    const started = performance.now();
    for (const text of [" ".repeat(50_000), "[".repeat(50_000), "`".repeat(50_000), `[${"1,".repeat(25_000)}`]) {
      expect(keepKnownCitations(text, [1]).text).toBe(text);
    }
    expect(keepKnownCitations("[".repeat(25_000) + "9]".repeat(25_000), [1]).text).toBe("");
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

const PIECES = ["[", "]", "[1]", "[2]", "[9]", "[1, 9]", " ", "\n", "word", "1", "9", ",", "`", "```", "é🙂"];
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(""));
const plainTexts = fc.array(fc.constantFrom(...PIECES.filter((piece) => !piece.includes("`"))), { maxLength: 30 });

test("what is left has no unknown citation, and there is nothing more to remove", () => {
  fc.assert(
    fc.property(plainTexts, (pieces) => {
      const { text, cited } = keepKnownCitations(pieces.join(""), [1, 2]);
      const found = Array.from(text.matchAll(/\[(\d+(?:\s*,\s*\d+)*)\]/g), ([, list = ""]) =>
        list.split(",").map(Number),
      );
      expect(new Set(found.flat())).toEqual(new Set(cited));
      for (const index of cited) expect([1, 2]).toContain(index);
    }),
    { numRuns: 2_000 },
  );
});

test("what is left is what is left when they are removed one after the other, from the inside", () => {
  const unknown = /(?<![ \t])[ \t]*\[(\d+(?:\s*,\s*\d+)*)\]/g;
  const removeOnce = (text: string) =>
    text.replace(unknown, (match, list: string) => {
      const numbers = list.split(",").map((number) => number.trim());
      const kept = numbers.filter((number) => ["1", "2"].includes(number));
      if (kept.length === numbers.length) return match;
      return kept.length > 0 ? match.replace(/\[.*/s, `[${kept.join(", ")}]`) : "";
    });
  fc.assert(
    fc.property(plainTexts, (pieces) => {
      let expected = pieces.join("");
      while (removeOnce(expected) !== expected) expected = removeOnce(expected);
      expect(keepKnownCitations(pieces.join(""), [1, 2]).text).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
});

test("nothing that stands outside of code cites what does not exist", () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const index of keepKnownCitations(text, [1, 2]).cited) expect([1, 2]).toContain(index);
    }),
    { numRuns: 20_000 },
  );
});

test("a second time changes nothing, and characters are only ever taken away", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const once = keepKnownCitations(text, [1, 2]);
      expect(keepKnownCitations(once.text, [1, 2])).toEqual(once);
      let from = 0;
      for (const character of once.text.replaceAll(/\s/g, "")) {
        from = text.indexOf(character, from) + 1;
        expect(from).toBeGreaterThan(0);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("an answer that cites only what exists is left as it is", () => {
  const word = fc.stringMatching(/^[^[\]`]*$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(word, fc.integer({ min: 1, max: 9 })), { maxLength: 9 }), (parts) => {
      const text = parts.map(([before, index]) => `${before}[${index}]`).join("");
      const { cited, ...kept } = keepKnownCitations(text, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(kept.text).toBe(text);
      expect(cited).toEqual([...new Set(parts.map(([, index]) => index))]);
    }),
  );
});
