import fc from "fast-check";
import { expect, test } from "vitest";
import { weightedReciprocalRankFusion } from "#rag/rank.ts";

test("an item's score is the weighted sum of 1 / (k + rank), divided by the maximum possible", () => {
  const fused = weightedReciprocalRankFusion(
    [
      { weight: 3, ids: [1, 2] },
      { weight: 1, ids: [2, 3] },
    ],
    10,
  );
  const greatest = 4 / 11;
  expect(fused.map(({ id }) => id)).toEqual([2, 1, 3]);
  expect(fused[0]?.score).toBeCloseTo((3 / 12 + 1 / 11) / greatest, 12);
  expect(fused[1]?.score).toBeCloseTo(3 / 11 / greatest, 12);
  expect(fused[2]?.score).toBeCloseTo(1 / 12 / greatest, 12);
});

test("the score of an item that is first in every ranking is 1", () => {
  const rankings = [0.3, 0.7, 2].map((weight) => ({ weight, ids: [7, 8] }));
  expect(weightedReciprocalRankFusion(rankings, 60)[0]).toEqual({ id: 7, score: expect.closeTo(1, 12) });
});

test("equal scores keep the order in which the items were first seen", () => {
  const fused = weightedReciprocalRankFusion(
    [
      { weight: 1, ids: [5, 4] },
      { weight: 1, ids: [4, 5] },
    ],
    10,
  );
  expect(fused.map(({ id }) => id)).toEqual([5, 4]);
});

test("empty rankings give an empty result", () => {
  expect(weightedReciprocalRankFusion([], 10)).toEqual([]);
  expect(weightedReciprocalRankFusion([{ weight: 1, ids: [] }], 10)).toEqual([]);
});

test("scores are in descending order and in [0, 1], and every item appears once", () => {
  const ranking = fc.record({
    weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
    ids: fc.uniqueArray(fc.nat({ max: 30 })),
  });
  fc.assert(
    fc.property(fc.array(ranking, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 100 }), (rankings, k) => {
      const fused = weightedReciprocalRankFusion(rankings, k);
      const scores = fused.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      for (const score of scores) expect(score >= 0 && score <= 1 + 1e-9).toBe(true);
      expect(fused.map(({ id }) => id).toSorted()).toEqual([...new Set(rankings.flatMap(({ ids }) => ids))].toSorted());
    }),
  );
});
