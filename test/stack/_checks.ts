import { expect } from "vitest";
import type { Sample } from "./_prometheus.ts";

/** Asserts on the result of a query. */
export type Check = (samples: Sample[]) => void;

/** Excludes the lower bound, includes the upper. */
export type Range = [lower: number, upper: number];

/** Expects one series with this value. */
export const one =
  (value: number, digits = 9): Check =>
  (samples) => {
    expect(samples).toHaveLength(1);
    expect(samples[0]?.value).toBeCloseTo(value, digits);
  };

/** Expects one series with a value in the range. */
export const within =
  (range: Range): Check =>
  (samples) => {
    expect(samples).toHaveLength(1);
    expectInRange(samples[0]?.value, range);
  };

/** Expects one series per name, where a name is the label values joined by spaces. */
export const each =
  (labels: readonly string[], values: Readonly<Record<string, number>>, digits = 9): Check =>
  (samples) => {
    const found = Object.fromEntries(
      samples.map((sample) => [labels.map((label) => sample.labels[label]).join(" "), sample.value]),
    );
    expect(Object.keys(found).sort()).toEqual(Object.keys(values).sort());
    for (const [name, value] of Object.entries(values)) expect(found[name], name).toBeCloseTo(value, digits);
  };

/** Expects one series per label value, each within its range. */
export const eachWithin =
  (label: string, ranges: Readonly<Record<string, Range>>): Check =>
  (samples) => {
    expect(samples.map(({ labels }) => labels[label]).sort()).toEqual(Object.keys(ranges).sort());
    for (const { labels, value } of samples) expectInRange(value, ranges[labels[label] ?? ""], labels[label]);
  };

/** Expects no series, or only zeros. */
export const zero: Check = (samples) => expect(samples.filter(({ value }) => value !== 0)).toEqual([]);

/** Expects no series. */
export const none: Check = (samples) => expect(samples).toEqual([]);

function expectInRange(value: number | undefined, [lower, upper]: Range = [Number.NaN, Number.NaN], name?: string) {
  expect(value, name).toBeGreaterThan(lower);
  expect(value, name).toBeLessThanOrEqual(upper);
}
