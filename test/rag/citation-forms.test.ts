import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createCitedStream } from "#rag/cited-stream.ts";

/** What a reader sees of a model's text, streamed in pieces of this size, and the sources it cites; there are two. */
function shown(text: string, size: number) {
  const stream = createCitedStream([1, 2]);
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, (n + 1) * size));
  const emitted = pieces.map((piece) => stream.push(piece)).join("");
  const { rest, text: whole, cited } = stream.end(false);
  expect(emitted + rest).toBe(whole);
  return { text: whole, cited };
}

type Case = [name: string, text: string, shown: string, cited: number[]];

const FORMS: Case[] = [
  ["in lenticular brackets", "It costs 5 euros.【1】", "It costs 5 euros.[1]", [1]],
  ["with a dagger", "It costs 5 euros【1†source】.", "It costs 5 euros[1].", [1]],
  ["with a dagger and lines", "It costs 5 euros【2†L10-L12】.", "It costs 5 euros[2].", [2]],
  ["with the number of a message", "It costs 5 euros【4:1†a.md】.", "It costs 5 euros[1].", [1]],
  ["side by side in lenticular brackets", "So【1】【9】【2】.", "So[1][2].", [1, 2]],
  ["in brackets and digits of full width", "五欧元［１］。", "五欧元[1]。", [1]],
  ["as a footnote", "It costs 5 euros.[^1]", "It costs 5 euros.[1]", [1]],
  ["as a footnote at a word", "It costs 5 euros[^2].", "It costs 5 euros[2].", [2]],
  ["with a word", "It costs 5 euros [Source 1].", "It costs 5 euros [1].", [1]],
  ["with words", "So [Source 1, Source 2] or [sources: 1 and 2].", "So [1, 2] or [1, 2].", [1, 2]],
  ["with a word and a colon", "So [source: 1], [ref. 2].", "So [1], [2].", [1, 2]],
  ["with a word and no space", "So [doc1][doc2].", "So [1][2].", [1, 2]],
  ["with a word of another language", "So [Quelle 2], [citation:1].", "So [2], [1].", [2, 1]],
  ["with a number sign", "So [#1].", "So [1].", [1]],
  ["as a range", "So [1-3].", "So [1, 2].", [1, 2]],
  ["as a range with a dash", "So [1–2], [1 to 2].", "So [1, 2], [1, 2].", [1, 2]],
  ["as a range of many", "So [1-999].", "So [1, 2].", [1, 2]],
  ["with a semicolon", "So [1; 9].", "So [1].", [1]],
  ["with an ideographic comma", "So【1、2】.", "So[1, 2].", [1, 2]],
  ["escaped", "So \\[1\\].", "So [1].", [1]],
  ["as a link", "So [1](https://evil.example/?q=1).", "So [1].", [1]],
  ["as a link with a title", 'So [1](https://evil.example "a (b)").', "So [1].", [1]],
  ["as a link with parentheses", "So [1](https://en.wikipedia.org/wiki/A_(b)).", "So [1].", [1]],
  ["as a link in angle brackets", "So [1](<javascript:alert(1)>).", "So [1].", [1]],
  ["as a link to an anchor", "So [1](#source-1), [2](/docs/2).", "So [1], [2].", [1, 2]],
  ["as a link with two brackets", "So [[1]](https://evil.example).", "So [[1]].", [1]],
  ["as a link that is not closed", "So [1](https://evil.example and more.", "So [1] and more.", [1]],
  ["as a link that is not closed on its line", 'So [1](https://a.example "b\nc.', 'So [1] "b\nc.', [1]],
  ["before parentheses that are not closed", "So [1](?[2], [1](# b, [2](/c", "So [1](?[2], [1](# b, [2](/c", [1, 2]],
  ["as a link after a word", "So [Source 1](https://evil.example).", "So [1].", [1]],
];

const MADE_UP: Case[] = [
  ["in lenticular brackets", "So.【7】", "So.", []],
  ["with a dagger", "So【7†source】.", "So.", []],
  ["as a footnote", "So.[^7]", "So.", []],
  ["as a footnote at a word", "So[^7].", "So.", []],
  ["with a word", "So [Source 7].", "So.", []],
  ["as a range", "So [7-9].", "So.", []],
  ["with a semicolon", "So [7; 9].", "So.", []],
  ["escaped", "So \\[7\\].", "So.", []],
  ["as a link", "So [7](https://evil.example/?q=1).", "So.", []],
  ["on a line with a backtick", "A ` and [7](https://evil.example).", "A ` and.", []],
  ["after a text of another script", "五欧元[7]。", "五欧元。", []],
  ["after a number", "It costs 5[7].", "It costs 5.", []],
];

const TEXT: Case[] = [
  ["an index", "A[0] is 5 euros, see list[12]. [1]", "A[0] is 5 euros, see list[12]. [1]", [1]],
  ["indexes side by side", "m[0][9] and x1[0], a_[7]. [1]", "m[0][9] and x1[0], a_[7]. [1]", [1]],
  ["an index of several numbers", "m[1, 9]", "m[1, 9]", []],
  ["code", "Use `a[9]` and\n```\nb[8]\n```\nfor [1]", "Use `a[9]` and\n```\nb[8]\n```\nfor [1]", [1]],
  [
    "other forms in code",
    "Use `[^1]`, `【1】` and `[1](https://a.example)`.",
    "Use `[^1]`, `【1】` and `[1](https://a.example)`.",
    [],
  ],
  ["a link in code that is fenced", "```\n[1](https://a.example)\n```", "```\n[1](https://a.example)\n```", []],
  ["a number in parentheses", "It costs 5 euros (1).", "It costs 5 euros (1).", []],
  ["parentheses after a citation", "So [1](see below), [2](p.5).", "So [1](see below), [2](p.5).", [1, 2]],
  ["parentheses with a citation after a citation", "So [1](and [2] too [9]).", "So [1](and [2] too).", [1, 2]],
  ["another link", "See [the page](https://a.example).", "See [the page](https://a.example).", []],
  ["a range from 0", "Digits [0-9] [1]", "Digits [0-9] [1]", [1]],
  ["a range of years", "In [2020-2024] [1]", "In [2020-2024] [1]", [1]],
  ["a time", "At [10:30] [1]", "At [10:30] [1]", [1]],
  [
    "words in brackets",
    "[Sources] [source] [sourcery 1] [note 1] [x1] 【重要】",
    "[Sources] [source] [sourcery 1] [note 1] [x1] 【重要】",
    [],
  ],
  ["backslashes", "C:\\dir\\[1] \\n \\\\ \\", "C:\\dir\\[1] \\n \\\\ \\", [1]],
  ["an open bracket", "So [Source 1", "So [Source 1", []],
  ["an open escape", "So \\[1\\ and", "So \\[1\\ and", []],
];

const sizes = [1, 2, 3, 7, 1_000];

describe.each(sizes)("in pieces of %i characters, a citation", (size) => {
  it.each(FORMS)("%s becomes the number of its source", (_, text, expected, cited) => {
    expect(shown(text, size)).toEqual({ text: expected, cited });
  });

  it.each(MADE_UP)("of no source, %s, is removed", (_, text, expected, cited) => {
    expect(shown(text, size)).toEqual({ text: expected, cited });
  });
});

describe.each(sizes)("in pieces of %i characters, what is no citation is kept:", (size) => {
  it.each(TEXT)("%s", (_, text, expected, cited) => {
    expect(shown(text, size)).toEqual({ text: expected, cited });
  });
});

it.each([
  ["with a dagger", "So【1†sou"],
  ["with a word", "So [Source"],
  ["escaped", "So \\[1"],
  ["as a link", "So [1](https://evil.example/?q"],
])("a citation %s that the length limit cuts is dropped", (name, text) => {
  const stream = createCitedStream([1]);
  stream.push(text);
  expect(stream.end(true).text).toBe(name === "as a link" ? "So [1] …" : "So …");
});

const PIECES = [
  "[",
  "]",
  "\\[",
  "\\]",
  "【",
  "】",
  "†",
  "^",
  "1",
  "2",
  "9",
  "-",
  ";",
  ", ",
  "Source ",
  "[1]",
  "(",
  ")",
  "https://e",
  " ",
  "\n",
  "`",
  "word",
  "五",
];
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join(""));

test("no form of citation survives of an unknown source, however the text is split, and filtering again changes no source", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 9 }), (text, size) => {
      const { text: once, cited } = shown(text, size);
      expect(shown(text, 1_000)).toEqual({ text: once, cited });
      for (const number of cited) expect([1, 2]).toContain(number);
    }),
    { numRuns: 10_000 },
  );
});

test("the time is linear in adversarial texts", () => {
  // In quadratic time each of these would take minutes, far more than the test may.
  for (const part of [
    "【",
    "\\[",
    "\\",
    "[1](https://",
    "[1](",
    "[Source ",
    "[1†",
    "[1-",
    "a[9]",
    "[1](a ",
    "[^1](",
    '[1](https://a "',
  ]) {
    shown(part.repeat(50_000), 10_000);
  }
});
