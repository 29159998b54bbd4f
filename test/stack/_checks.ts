import { expect } from "vitest";
import type { Sample } from "./_prometheus.ts";

/** Fails when what a query answered is not what it should be. */
export type Check = (samples: Sample[]) => void;

/** After the lower bound, up to the upper. */
export type Range = [lower: number, upper: number];

/** One series of this value. */
export const one =
  (value: number, digits = 9): Check =>
  (samples) => {
    expect(samples).toHaveLength(1);
    expect(samples[0]?.value).toBeCloseTo(value, digits);
  };

/** One series of a value in the range. */
export const within =
  (range: Range): Check =>
  (samples) => {
    expect(samples).toHaveLength(1);
    expectInRange(samples[0]?.value, range);
  };

/** A series for each name, which are the values of the labels, with a space between. */
export const each =
  (labels: readonly string[], values: Readonly<Record<string, number>>, digits = 9): Check =>
  (samples) => {
    const found = Object.fromEntries(
      samples.map((sample) => [labels.map((label) => sample.labels[label]).join(" "), sample.value]),
    );
    expect(Object.keys(found).sort()).toEqual(Object.keys(values).sort());
    for (const [name, value] of Object.entries(values)) expect(found[name], name).toBeCloseTo(value, digits);
  };

/** A series for each value of the label, in its range. */
export const eachWithin =
  (label: string, ranges: Readonly<Record<string, Range>>): Check =>
  (samples) => {
    expect(samples.map(({ labels }) => labels[label]).sort()).toEqual(Object.keys(ranges).sort());
    for (const { labels, value } of samples) expectInRange(value, ranges[labels[label] ?? ""], labels[label]);
  };

/** Nothing, or nothing but zeros. */
export const zero: Check = (samples) => expect(samples.filter(({ value }) => value !== 0)).toEqual([]);

function expectInRange(value: number | undefined, [lower, upper]: Range = [Number.NaN, Number.NaN], name?: string) {
  expect(value, name).toBeGreaterThan(lower);
  expect(value, name).toBeLessThanOrEqual(upper);
}
