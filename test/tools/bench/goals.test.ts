import { expect, it } from "vitest";
import { missedOf } from "./goals.ts";

const goal = (value: number, low = value, high = value) => ({
  figure: "p95",
  goal: 1.01,
  measured: { value, low, high },
});

it.each<[string, number, string[]]>([
  ["under its goal", 1, []],
  ["at its goal", 1.01, []],
  ["over its goal", 1.02, ["missed: p95 is 1.02, over its goal of 1.01"]],
  ["no number", Number.NaN, [expect.stringContaining("NaN")]],
])("a figure %s", (_, value, missed) => {
  expect(missedOf([goal(value)])).toEqual(missed);
});

it("says so where noise may be the reason", () => {
  expect(missedOf([goal(1.02, 0.99, 1.05)])).toEqual([expect.stringContaining("noise of this run (0.99 to 1.05)")]);
});
