import { expect, it } from "vitest";
import { bestCodes, codeLength, signCode } from "#providers/sqlite/sign-codes.ts";
import { gaussians, seeded, unitVectorNear } from "../../tools/bench/statistics/random.ts";

const DIMENSIONS = 40;
const COUNT = 3_000;

const gaussian = gaussians(seeded(3));
const randomVector = () => unitVectorNear(new Float32Array(DIMENSIONS), gaussian);
const vectors = Array.from({ length: COUNT }, randomVector);
const codes = codesOf(vectors);

function codesOf(some: readonly Float32Array[]): Uint8Array {
  const all = new Uint8Array(some.length * codeLength(DIMENSIONS));
  for (const [index, vector] of some.entries()) all.set(signCode(vector), index * codeLength(DIMENSIONS));
  return all;
}

/** Sum of the query's numbers where the vector is positive. */
function scoreOf(query: Float32Array, vector: Float32Array): number {
  return query.reduce((sum, value, dimension) => sum + ((vector[dimension] ?? 0) > 0 ? value : 0), 0);
}

it("has a bit for each dimension, set where the number is positive", () => {
  expect([...signCode(Float32Array.of(0.1, -0.1, 0, 2, -3, 1, 1, -1, 0.5))]).toEqual([0b0110_1001, 1, 0, 0]);
});

it("finds the vectors whose signs agree most with the query's numbers", () => {
  const query = randomVector();
  const best = [...bestCodes(query, codes, 100)];
  expect(best).toHaveLength(100);
  expect(best).toEqual(best.toSorted((a, b) => a - b));
  const scores = vectors.map((vector) => scoreOf(query, vector));
  const hundredth = scores.toSorted((a, b) => b - a)[99] ?? 0;
  const lowest = Math.min(...best.map((index) => scores[index] ?? 0));
  expect(lowest).toBeGreaterThan(hundredth - 0.005);
});

it("only looks at the given indexes", () => {
  const indexes = Int32Array.from({ length: 500 }, (_, index) => index * 6);
  const best = [...bestCodes(randomVector(), codes, 50, indexes)];
  expect(best).toHaveLength(50);
  expect(best.every((index) => index % 6 === 0)).toBe(true);
  expect(bestCodes(randomVector(), codes, 500, indexes)).toEqual(indexes);
});

it("returns no more than were asked for when all codes are the same", () => {
  const same = codesOf(Array.from({ length: 1_000 }, () => vectors[0] ?? new Float32Array(DIMENSIONS)));
  expect([...bestCodes(randomVector(), same, 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(bestCodes(new Float32Array(DIMENSIONS), codes, 10)).toHaveLength(10);
});
