import { expect, it } from "vitest";
import { missedOf } from "./goals.ts";

const goal = (value: number, low = value, high = value) => ({
  figure: "p95",
  goal: 1.01,
  measured: { value, low, high },
});

it.each<[string, number, string[]]>([
  ["no missed goal below the limit", 1, []],
  ["no missed goal at the limit", 1.01, []],
  ["a missed goal above the limit", 1.02, ["missed: p95 is 1.02, over its goal of 1.01"]],
  ["a missed goal for NaN", Number.NaN, [expect.stringContaining("NaN")]],
])("returns %s", (_, value, missed) => {
  expect(missedOf([goal(value)])).toEqual(missed);
});

it("mentions the interval of a missed goal when the limit lies within it", () => {
  expect(missedOf([goal(1.02, 0.99, 1.05)])).toEqual([expect.stringContaining("noise (95 % interval 0.99 to 1.05)")]);
});
