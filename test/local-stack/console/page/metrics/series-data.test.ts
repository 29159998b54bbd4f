import { expect, it } from "vitest";
import type { MetricGraph } from "#console/contract.ts";
import { isolated, lastValue, spoken, stacked } from "#console/page/metrics/series-data.ts";

const series = (label: string, values: (number | null)[]) => ({ label, failed: false, values });

it("stacks bars so that each covers those below it", () => {
  expect(
    stacked([
      [1, null, 2],
      [10, null, null],
      [100, null, 200],
    ]),
  ).toEqual([
    [111, null, 202],
    [110, null, 200],
    [100, null, 200],
  ]);
});

it("finds values without a neighbour, which no line shows", () => {
  expect(isolated([1, null, 2, 3, null, 0])).toEqual([0, 5]);
});

it("takes the last value that is known", () => {
  expect(lastValue(series("p50", [1, 0, null]))).toBe(0);
  expect(lastValue(series("p50", [null]))).toBeUndefined();
});

it("says what a graph has at a point, and at last", () => {
  const graph = { unit: "ratio", series: [series("hits", [0.5, null]), series("misses", [0.25, 1])] };
  expect(spoken(graph as MetricGraph, undefined)).toBe("hits 50.0\u202f%, misses 100.0\u202f%");
  expect(spoken(graph as MetricGraph, 1)).toBe("misses 100.0\u202f%");
  expect(spoken({ ...graph, series: [] } as unknown as MetricGraph, undefined)).toBe("nothing");
});
