import { describe, expect, it } from "vitest";
import { containsAnswer, countSentences, mean, ndcg, percentile, recall, reciprocalRank } from "./metrics.ts";

const judged = new Map([
  ["a", 1],
  ["b", 1],
  ["c", 0],
]);

describe("nDCG", () => {
  it("is 1 for an ideal order", () => expect(ndcg(["a", "b", "x"], judged, 10)).toBe(1));
  it("counts a document at rank 3 half as much as at rank 1", () => {
    // (1 / log2 2 + 1 / log2 4) / (1 / log2 2 + 1 / log2 3) = 1.5 / 1.6309
    expect(ndcg(["a", "x", "b"], judged, 10)).toBeCloseTo(0.91972, 5);
  });
  it("ignores documents after rank k", () => expect(ndcg(["x", "y", "a"], judged, 2)).toBe(0));
  it("is higher when more relevant documents come first", () => {
    const graded = new Map([
      ["best", 3],
      ["good", 1],
    ]);
    // (1 + 3 / log2 3) / (3 + 1 / log2 3) = 2.89279 / 3.63093
    expect(ndcg(["good", "best"], graded, 10)).toBeCloseTo(0.79671, 5);
  });
  it("is 0 when nothing is relevant", () => expect(ndcg(["a"], new Map(), 10)).toBe(0));
});

describe("recall", () => {
  it("is the share of relevant documents found", () => expect(recall(["a", "c", "x"], judged, 10)).toBe(0.5));
  it("ignores documents after rank k", () => expect(recall(["x", "a", "b"], judged, 2)).toBe(0.5));
  it("is 0 when nothing is relevant", () => expect(recall(["c"], new Map([["c", 0]]), 10)).toBe(0));
});

describe("reciprocal rank", () => {
  it("is one over the rank of the first relevant document", () => {
    expect(reciprocalRank(["x", "c", "b", "a"], judged, 10)).toBeCloseTo(1 / 3);
  });
  it("is 0 when there is none among the first k", () => expect(reciprocalRank(["x", "a"], judged, 1)).toBe(0));
});

describe("a gold answer", () => {
  it("is found regardless of case and whitespace", () => {
    expect(containsAnswer("It was\n ISAAC   newton. [1]", ["Galileo", "Isaac Newton"])).toBe(true);
  });
  it("is not found by a part of it", () => expect(containsAnswer("It was Newton.", ["Isaac Newton"])).toBe(false));
});

it("counts the sentences of an answer without its markers", () => {
  expect(countSentences("It was Dr. Newton. [1] He built it in 1668. [2]")).toBe(2);
});

describe("a percentile", () => {
  const values = [50, 15, 40, 20, 35];
  it.each([
    [5, 15],
    [30, 20],
    [40, 20],
    [50, 35],
    [100, 50],
  ])("%i of 15, 20, 35, 40, 50 is %i by nearest rank", (p, expected) => expect(percentile(values, p)).toBe(expected));
  it("of no values is NaN", () => expect(percentile([], 50)).toBeNaN());
});

it("the mean of 1, 2 and 6 is 3", () => expect(mean([1, 2, 6])).toBe(3));
