import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { citedIn, createCitationFilter } from "#rag/cited.ts";

/** A text without citations of unknown sources, and the sources it cites. */
function keepKnownCitations(whole: string, known: number[]) {
  const filter = createCitationFilter(known);
  const filtered = filter.push(whole);
  const { rest, open } = filter.end();
  const text = filtered + rest + open;
  return { text, cited: citedIn(text, known) };
}

describe("citations", () => {
  it.each<[name: string, text: string, filtered: string, cited: number[]]>([
    ["of known sources are kept", "Fast [2], and small[1].", "Fast [2], and small[1].", [2, 1]],
    ["of unknown sources are removed, with the space before them", "Fast [3]. Small [1].", "Fast. Small [1].", [1]],
    ["are removed without changing words and lines", "One [0]\n\ntwo  [7]  three", "One\n\ntwo  three", []],
    ["in a list are removed one by one", "Both [1, 9,2] of them [8, 9].", "Both [1, 2] of them.", [1, 2]],
    ["side by side are removed one by one", "Both [1][9][2].", "Both [1][2].", [1, 2]],
    ["are listed once each", "A [1]. B [1].", "A [1]. B [1].", [1]],
    ["do not arise from removing others", "A [[9]8]. B [[9]1].", "A. B [1].", [1]],
    [
      "are not found in code",
      "Use `a[7]` or:\n```js\nb[8] = 1\n```\n[2]",
      "Use `a[7]` or:\n```js\nb[8] = 1\n```\n[2]",
      [2],
    ],
    ["are not found in unfinished code", "```js\nb[8]", "```js\nb[8]", []],
    ["are not listed where removing others turns them into code", "``[9]` and [1]", "``` and [1]", []],
    ["are removed where removing others ends the code around them", "``[9]`x````[8]", "```x````", []],
    ["are kept where removing others turns them into code", "`[9][7,\n8]``x[5]", "```x[5]", []],
    ["have only numbers in brackets", "See [x], [0-3], [ ] and [-1].", "See [x], [0-3], [ ] and [-1].", []],
    ["are compared as written", "A [01] and [1.0].", "A and [1.0].", []],
    ["too large for a number are unknown", `A [${"9".repeat(400)}].`, "A.", []],
  ])("%s", (_, text, filtered, cited) => {
    expect(keepKnownCitations(text, [1, 2])).toEqual({ text: filtered, cited });
  });

  it("are found in linear time in adversarial text", () => {
    // In quadratic time each of these would take minutes, far more than the test may.
    for (const text of [" ".repeat(500_000), "[".repeat(500_000), "`".repeat(500_000), `[${"1,".repeat(250_000)}`]) {
      expect(keepKnownCitations(text, [1]).text).toBe(text);
    }
    expect(keepKnownCitations("[".repeat(250_000) + "9]".repeat(250_000), [1]).text).toBe("");
  });
});

const PIECES = ["[", "]", "[1]", "[2]", "[9]", "[1, 9]", " ", "\n", "word", "1", "9", ",", "`", "```", "é🙂"];
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(""));
const plainTexts = fc.array(fc.constantFrom(...PIECES.filter((piece) => !piece.includes("`"))), { maxLength: 30 });

const LIST = /\[(\d+(?:\s*,\s*\d+)*)\]/g;
/** A list at the end of a word, or after another that is marked. */
const AT_WORD = /(?<=[A-Za-z_]\w*(?:⟦[^⟧]*⟧)*)\[(\d+(?:\s*,\s*\d+)*)\]/;

/** Marks lists that are indexes: at the end of a word, with a number that is no source. */
function markIndexes(text: string): string {
  const marked = text.replace(new RegExp(AT_WORD, "g"), (match, list: string) =>
    list.split(",").every((number) => ["1", "2"].includes(number.trim())) ? match : `⟦${list}⟧`,
  );
  return marked === text ? text : markIndexes(marked);
}

test("the filtered text has no unknown citation", () => {
  fc.assert(
    fc.property(plainTexts, (pieces) => {
      const { text, cited } = keepKnownCitations(pieces.join(""), [1, 2]);
      const found = Array.from(markIndexes(text).matchAll(LIST), ([, list = ""]) => list.split(",").map(Number));
      expect(new Set(found.flat())).toEqual(new Set(cited));
      for (const index of cited) expect([1, 2]).toContain(index);
    }),
    { numRuns: 2_000 },
  );
});

test("the result equals removing unknown citations one at a time, innermost first", () => {
  // What was removed leaves a mark, so that what follows does not become an index of the word before.
  const unknown = /(?<![ \t])[ \t]*\[\0*(\d[\d\0]*(?:[\s\0]*,[\s\0]*\d[\d\0]*)*)\]/g;
  const removeOnce = (text: string) =>
    markIndexes(text).replace(unknown, (match, list: string) => {
      const numbers = list.split(",").map((number) => number.replaceAll("\0", "").trim());
      const kept = numbers.filter((number) => ["1", "2"].includes(number));
      if (kept.length === numbers.length) return match;
      return kept.length > 0 ? match.replace(/\[.*/s, `[${kept.join(", ")}]`) : "\0";
    });
  fc.assert(
    fc.property(plainTexts, (pieces) => {
      let expected = pieces.join("");
      while (removeOnce(expected) !== expected) expected = removeOnce(expected);
      expected = expected.replaceAll("\0", "").replaceAll("⟦", "[").replaceAll("⟧", "]");
      expect(keepKnownCitations(pieces.join(""), [1, 2]).text).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
});

test("no text outside of code cites an unknown source", () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const index of keepKnownCitations(text, [1, 2]).cited) expect([1, 2]).toContain(index);
    }),
    { numRuns: 20_000 },
  );
});

test("filtering is idempotent, and only ever removes characters", () => {
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

test("a text that cites only known sources is unchanged", () => {
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
