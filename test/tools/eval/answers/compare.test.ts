import { describe, expect, it } from "vitest";
import { type Change, compare } from "./compare.ts";
import { formatAnswers, formatComparison } from "./report.ts";
import type { Result, Results } from "./results.ts";

const NAMES = { a: "A.json", b: "B.json" };
const answered = { answerable: true, expected: ["x"], answered: true, answer: "x", groundedness: 0.8 };
const refused = { answered: false, answer: "Nothing in the documents." };
const unanswerable = { answerable: false, expected: [], ...refused };

/** Twenty questions that the documents answer, and ten that they do not. */
const results = (change: (result: Result, index: number) => Partial<Result> = () => ({})): Results => ({
  top_k: 5,
  datasets: [
    {
      dataset: "set",
      results: Array.from({ length: 30 }, (_, index): Result => {
        const result = { question: `Question ${index}?`, ...(index < 20 ? answered : unanswerable) };
        return { ...result, ...change(result, index) };
      }),
    },
  ],
});

const of = (changes: readonly Change[], figure: string) => changes.find((change) => change.figure === figure);

describe("comparing two measurements", () => {
  it("finds exactly no difference between equal ones", () => {
    const { verdict, questions, changes } = compare(results(), results(), NAMES);
    expect([verdict, questions]).toEqual(["no difference", 30]);
    expect(changes.map(({ figure, pairs, value, low, high }) => [figure, pairs, value, low, high])).toEqual([
      ["groundedness", 20, 0, 0, 0],
      ["with a gold answer", 20, 0, 0, 0],
      ["refused wrongly", 20, 0, 0, 0],
      ["refused rightly", 10, 0, 0, 0],
    ]);
  });

  it("calls B better for answers that are supported better", () => {
    const better = results(({ groundedness = 0 }, index) => (index < 20 ? { groundedness: groundedness + 0.1 } : {}));
    const { verdict, level, changes } = compare(results(), better, NAMES);
    expect([verdict, level]).toEqual(["better", 1 - 0.05 / 4]);
    expect(of(changes, "groundedness")).toMatchObject({ a: expect.closeTo(0.8), b: expect.closeTo(0.9) });
    expect(compare(better, results(), NAMES).verdict).toBe("worse");
  });

  it("calls B worse for refusals of what the documents answer, and better for those of what they do not", () => {
    const timid = results((_, index) => (index < 9 ? { ...refused, groundedness: undefined } : {}));
    const { verdict, changes } = compare(results(), timid, NAMES);
    expect(verdict).toBe("worse");
    expect(of(changes, "refused wrongly")).toMatchObject({ verdict: "worse", changed: 9, a: 0, b: 9 / 20 });
    expect(of(changes, "with a gold answer")).toMatchObject({ verdict: "worse", value: expect.closeTo(-9 / 20) });
    // Only answers that both have are compared.
    expect(of(changes, "groundedness")).toMatchObject({ verdict: "no difference", pairs: 11 });
    const rash = results((_, index) => (index >= 20 ? { answered: true, answer: "y" } : {}));
    expect(compare(rash, results(), NAMES).verdict).toBe("better");
  });

  it("says mixed when one figure is better and another one worse", () => {
    const mixed = results((_, index) => (index < 10 ? { answer: "y" } : index < 20 ? {} : { answered: true }));
    const base = results((_, index) => (index < 20 ? { groundedness: 0.4 } : {}));
    const comparison = compare(base, mixed, NAMES);
    expect(comparison.verdict).toBe("mixed");
    expect(formatComparison(comparison, NAMES)).toMatch(
      /^B is better \(groundedness\) and worse \(with a gold answer, refused rightly\)\.$/m,
    );
  });

  it("says nothing of a change that few questions show", () => {
    const once = results((_, index) => (index < 6 ? refused : {}));
    const comparison = compare(results(), once, NAMES);
    expect(comparison.verdict).toBe("no difference");
    expect(formatComparison(comparison, NAMES)).toMatch(/^refused wrongly .* 6 of 20 +too few changed$/m);
    expect(formatComparison(comparison, NAMES)).toMatch(/^There is no difference that these 30 questions can show\.$/m);
  });

  const first = (change: Partial<Result>) => results((_, index) => (index === 0 ? change : {}));
  const short = { ...results(), datasets: [{ dataset: "set", results: [] }] };
  it.each([
    [
      "another question",
      first({ question: "Other?" }),
      /^question 1 of set is "Question 0\?" in A.json, "Other\?" in B/,
    ],
    [
      "other expected answers",
      first({ expected: ["z"] }),
      /^question 1 of set is with other expected answers: compare/,
    ],
    ["fewer questions", short, /^A.json has 30 questions of set, B.json 0: compare measurements of the same data sets/],
    ["another data set", { top_k: 5, datasets: [] }, /^A.json has set, B.json no data set: compare/],
  ])("refuses %s", (_, other, message) => {
    expect(() => compare(results(), other, NAMES)).toThrow(message);
  });

  it("refuses files without questions", () => {
    expect(() => compare(short, short, NAMES)).toThrow(/^A.json has no questions/);
  });
});

it("the figures of a data set leave out those that no question has", () => {
  const [set] = results((_, index) => (index < 20 ? { expected: [] } : {})).datasets;
  expect(formatAnswers("set", set?.results ?? [], 5)).toBe(`set: 30 questions, top_k 5
groundedness        0.800   of 20 answers
refused wrongly     0.000   of 20 questions that the documents answer
refused rightly     1.000   of 10 questions that they do not answer`);
});
