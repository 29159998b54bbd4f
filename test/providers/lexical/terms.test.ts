import { describe, expect, it } from "vitest";
import { questionTermsOf, termsOf, weigh } from "#providers/lexical/terms.ts";

describe("the terms of a text", () => {
  it("are stems without case, accents and stop words, in order", () => {
    expect(termsOf("The Cafés were OPENING, and opened.")).toEqual(["cafe", "open", "open"]);
  });

  it("are pairs of characters where a script has no spaces", () => {
    expect(termsOf("東京都")).toEqual(expect.arrayContaining(["東京", "京都"]));
  });

  it("are all its words when it has only stop words, and none when it has no words", () => {
    expect(termsOf("The Who")).toEqual(["the", "who"]);
    expect(termsOf("🙂 …")).toEqual([]);
  });

  it("stay right after more words than are remembered", () => {
    for (let i = 0; i < 21_000; i += 1) termsOf(`word${i}`);
    expect(termsOf("running word0")).toEqual(["run", "word0"]);
  });
});

describe("the terms of a question", () => {
  it("leave out what questions are asked with", () => {
    expect(questionTermsOf("What happens when the collector is slow?")).toEqual(["collector", "slow"]);
  });

  it("are all its terms when no other are left", () => {
    expect(questionTermsOf("How does it work?")).toEqual(["work"]);
  });
});

describe("weighing terms", () => {
  const texts = [new Set(["common", "rare"]), new Set(["common"]), new Set(["common"])];

  it("gives a term more weight the fewer texts have it", () => {
    const weights = weigh(["common", "rare", "missing"], texts);
    expect(weights.of("rare")).toBeCloseTo(Math.log(1 + 2.5 / 1.5));
    expect(weights.of("missing")).toBeGreaterThan(weights.of("rare"));
    expect(weights.of("rare")).toBeGreaterThan(weights.of("common"));
    expect(weights.of("common")).toBeGreaterThan(0);
  });

  it("tells which share of the weight a text has, counting a repeated term once", () => {
    const weights = weigh(["rare", "rare", "common"], texts);
    expect(weights.covered(new Set(["rare", "common"]))).toBeCloseTo(1);
    expect(weights.covered(new Set(["rare"]))).toBeCloseTo(weights.of("rare") / weights.total);
    expect(weights.covered(new Set())).toBe(0);
  });

  it("covers nothing of no terms", () => {
    expect(weigh([], texts).covered(new Set(["common"]))).toBe(0);
  });
});
