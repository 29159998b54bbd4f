import { expect, it } from "vitest";
import { ratioOf } from "./ratio.ts";

const halved = (blocks: number[][]) => blocks.map((block) => block.map((value) => value / 2));

it("is exact when the two differ by a constant factor, however much the rounds differ", () => {
  const rounds = [[1, 2, 3], [10, 20, 30], [7]];
  for (const share of [0.5, 0.99])
    expect(ratioOf(halved(rounds), rounds, share)).toEqual({ ratio: 0.5, interval: [0.5, 0.5] });
});

it("has an interval as wide as the rounds differ", () => {
  const { ratio, interval } = ratioOf([[1], [1], [4]], [[2], [2], [2]], 0.5);
  expect(ratio).toBe(0.5);
  expect(interval).toEqual([0.5, 2]);
});
