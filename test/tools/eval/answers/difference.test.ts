import { describe, expect, it } from "vitest";
import { gaussians, seeded } from "../../bench/statistics/random.ts";
import { differenceOf } from "./difference.ts";

type Pair = readonly [a: number, b: number];

const [EXPERIMENTS, DRAWS] = [400, 300];

/** Of many experiments: the shares whose interval contains the true difference, and that show one. */
function simulate(pairs: number, truth: number, draw: (random: () => number) => Pair) {
  const random = seeded(pairs);
  let [covered, shown] = [0, 0];
  for (let experiment = 0; experiment < EXPERIMENTS; experiment += 1) {
    const sample = Array.from({ length: pairs }, () => draw(random));
    const { low, high, isShown } = differenceOf(sample, 0.05, DRAWS);
    if (low <= truth && truth <= high) covered += 1;
    if (isShown) shown += 1;
  }
  return { covered: covered / EXPERIMENTS, shown: shown / EXPERIMENTS };
}

/** Scores of which half do not change. */
const scores =
  (truth: number) =>
  (random: () => number): Pair => {
    const a = random();
    return [a, random() < 0.5 ? a : a + 2 * truth + 0.2 * gaussians(random)()];
  };

/** Right or wrong: a share of the questions changes from one to the other. */
const rights =
  (gained: number, lost: number) =>
  (random: () => number): Pair => {
    const at = random();
    return at < gained ? [0, 1] : at < gained + lost ? [1, 0] : [1, 1];
  };

describe("the interval of a difference", () => {
  it.each([
    ["of scores, 60 pairs", 60, 0.03, scores(0.03)],
    ["of scores, 150 pairs", 150, 0, scores(0)],
    ["of right and wrong answers, 90 pairs", 90, 0.1, rights(0.2, 0.1)],
    ["of right and wrong answers, 150 pairs", 150, 0, rights(0.1, 0.1)],
  ])("contains the true one as often as it says, %s", (_, pairs, truth, draw) => {
    const { covered } = simulate(pairs, truth, draw);
    expect(covered).toBeGreaterThan(0.92);
    expect(covered).toBeLessThan(0.98);
  });

  it.each([
    ["of scores", 60, scores(0)],
    ["of right and wrong answers of which few change", 90, rights(0.03, 0.03)],
    ["of right and wrong answers of which hardly any changes", 90, rights(0.015, 0.015)],
  ])("hardly ever shows one that is not there, %s", (_, pairs, draw) => {
    expect(simulate(pairs, 0, draw).shown).toBeLessThan(0.07);
  });

  it.each([
    ["of scores", 100, 0.1, scores(0.1)],
    ["of right and wrong answers", 100, 0.2, rights(0.25, 0.05)],
  ])("nearly always shows one that is large, %s", (_, pairs, truth, draw) => {
    expect(simulate(pairs, truth, draw).shown).toBeGreaterThan(0.9);
  });

  it("is wider the smaller the error may be", () => {
    const pairs = Array.from({ length: 50 }, (_, n): Pair => [n % 3, n % 7]);
    const [wide, narrow] = [differenceOf(pairs, 0.001), differenceOf(pairs)];
    expect([wide.low < narrow.low, wide.high > narrow.high]).toEqual([true, true]);
  });
});

describe("a difference", () => {
  const pairsOf = (...differences: number[]) => differences.map((difference): Pair => [0.5, 0.5 + difference]);

  it("of equal values is exactly 0, and none", () => {
    const values = [0.25, 0.75, 0.5, 1].map((value): Pair => [value, value]);
    expect(differenceOf(values)).toEqual({
      ...{ pairs: 4, changed: 0, a: 0.625, b: 0.625 },
      ...{ value: 0, low: 0, high: 0, isShown: false },
    });
  });

  it("is the same each time", () => {
    const pairs = pairsOf(0.1, 0.3, -0.2, 0.25, 0, 0.4, 0.1);
    expect(differenceOf(pairs)).toEqual(differenceOf(pairs));
  });

  it("that five pairs have in common may be chance, and that six have is not", () => {
    expect(differenceOf(pairsOf(...Array(5).fill(0.25)))).toMatchObject({ low: 0.25, high: 0.25, isShown: false });
    expect(differenceOf(pairsOf(...Array(6).fill(0.25)))).toMatchObject({ changed: 6, isShown: true });
    expect(differenceOf(pairsOf(...Array(6).fill(-0.25)), 0.05).isShown).toBe(true);
    expect(differenceOf(pairsOf(...Array(6).fill(0.25)), 0.01).isShown).toBe(false);
  });
});
