import { expect, it } from "vitest";
import { median } from "../../lambda/stats.ts";
import { bootstrap } from "./interval.ts";

const ratio = (pairs: readonly (readonly [number, number])[]) =>
  median(pairs.map(([a]) => a)) / median(pairs.map(([, b]) => b));

it("has zero width when all rounds agree", () => {
  expect(bootstrap(Array(10).fill([3, 2]), ratio)).toEqual({ value: 1.5, low: 1.5, high: 1.5 });
});

it("contains the figure and is narrower with more rounds", () => {
  const rounds = (count: number) =>
    Array.from({ length: count }, (_, n): [number, number] => [20 + (n % 7), 10 + (n % 5)]);
  const [few, many] = [bootstrap(rounds(12), ratio), bootstrap(rounds(700), ratio)];
  for (const { value, low, high } of [few, many]) expect(low <= value && value <= high).toBe(true);
  expect(many.high - many.low).toBeLessThan(few.high - few.low);
});

it("resamples the measurements of one round together", () => {
  const noise = Array.from({ length: 30 }, (_, n): [number, number] => [2 ** n, 2 ** n]);
  expect(bootstrap(noise, ratio)).toEqual({ value: 1, low: 1, high: 1 });
});

it("returns the same interval for the same rounds", () => {
  const rounds = Array.from({ length: 20 }, (_, n) => Math.sqrt(n));
  const mean = (drawn: readonly number[]) => drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
  expect(bootstrap(rounds, mean)).toEqual(bootstrap(rounds, mean));
});
