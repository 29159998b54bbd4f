import { describe, expect, it } from "vitest";
import { questionTermsOf, termsOf, weigh } from "#providers/lexical/terms.ts";

describe("the terms of a text", () => {
  it("are stems without case, accents and stop words, in order", () => {
    expect(termsOf("The Cafés were OPENING, and opened.")).toEqual(["cafe", "open", "open"]);
  });

  it("are character pairs for scripts without spaces", () => {
    expect(termsOf("東京都")).toEqual(expect.arrayContaining(["東京", "京都"]));
  });

  it("are all its words when these are all stop words, and none when it has no words", () => {
    expect(termsOf("The Who")).toEqual(["the", "who"]);
    expect(termsOf("🙂 …")).toEqual([]);
  });

  it("stay correct after more words than the stem cache holds", () => {
    for (let i = 0; i < 21_000; i += 1) termsOf(`word${i}`);
    expect(termsOf("running word0")).toEqual(["run", "word0"]);
  });
});

describe("the terms of a question", () => {
  it("exclude question words", () => {
    expect(questionTermsOf("What happens when the collector is slow?")).toEqual(["collector", "slow"]);
  });

  it("include question words when there are no others", () => {
    expect(questionTermsOf("How does it work?")).toEqual(["work"]);
  });
});

describe("term weights", () => {
  const texts = [new Set(["common", "rare"]), new Set(["common"]), new Set(["common"])];

  it("are higher the fewer texts contain the term", () => {
    const weights = weigh(["common", "rare", "missing"], texts);
    expect(weights.of("rare")).toBeCloseTo(Math.log(1 + 2.5 / 1.5));
    expect(weights.of("missing")).toBeGreaterThan(weights.of("rare"));
    expect(weights.of("rare")).toBeGreaterThan(weights.of("common"));
    expect(weights.of("common")).toBeGreaterThan(0);
  });

  it("give the share of the total weight that a text covers, counting a repeated term once", () => {
    const weights = weigh(["rare", "rare", "common"], texts);
    expect(weights.covered(new Set(["rare", "common"]))).toBeCloseTo(1);
    expect(weights.covered(new Set(["rare"]))).toBeCloseTo(weights.of("rare") / weights.total);
    expect(weights.covered(new Set())).toBe(0);
  });

  it("cover nothing when there are no terms", () => {
    expect(weigh([], texts).covered(new Set(["common"]))).toBe(0);
  });
});
