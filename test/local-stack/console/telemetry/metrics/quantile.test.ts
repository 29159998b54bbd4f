import { expect, it } from "vitest";
import { histogramQuantile } from "#console/telemetry/metrics/quantile.ts";

const INFINITE = Number.POSITIVE_INFINITY;

/** From Prometheus' own tests: promql/promqltest/testdata/histograms.test. */
const POSITIVE = [
  { le: 0.1, count: 50 },
  { le: 0.2, count: 70 },
  { le: 1, count: 110 },
  { le: INFINITE, count: 120 },
];
const NEGATIVE = [
  { le: -0.2, count: 10 },
  { le: -0.1, count: 20 },
  { le: 0.3, count: 20 },
  { le: INFINITE, count: 30 },
];

it.each([
  [0, 0, -0.2],
  [0.2, 0.048, -0.2],
  [0.5, 0.15, -0.15],
  [0.8, 0.72, 0.3],
  [1, 1, 0.3],
])("computes the quantile %d as Prometheus' own tests expect it", (q, positive, negative) => {
  expect(histogramQuantile(q, POSITIVE)).toBeCloseTo(positive, 10);
  expect(histogramQuantile(q, NEGATIVE)).toBeCloseTo(negative, 10);
});

it("takes buckets in any order", () => {
  expect(histogramQuantile(0.5, POSITIVE.toReversed())).toBeCloseTo(0.15, 10);
});

it("repairs buckets that were not received together", () => {
  const broken = POSITIVE.with(2, { le: 1, count: 60 });
  expect(histogramQuantile(0.5, broken)).toBeCloseTo(0.15, 10);
});

it("has no value without observations, and without a bucket for Infinity", () => {
  expect(
    histogramQuantile(
      0.5,
      POSITIVE.map(({ le }) => ({ le, count: 0 })),
    ),
  ).toBeNaN();
  expect(histogramQuantile(0.5, POSITIVE.slice(0, 3))).toBeNaN();
  expect(histogramQuantile(0.5, [{ le: INFINITE, count: 3 }])).toBeNaN();
  expect(histogramQuantile(0.5, [])).toBeNaN();
});
