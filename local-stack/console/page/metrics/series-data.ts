/** Values of series, as they are drawn and read. */
import type { MetricGraph, MetricSeries } from "#console/contract.ts";
import { valueText } from "./units.ts";

type Values = readonly (number | null)[];

/** Bars on top of each other: of each series, the sum of its values and of those that are drawn over it. */
export function stacked(series: readonly Values[]): (number | null)[][] {
  const sums: (number | null)[][] = [];
  for (const values of series.toReversed()) {
    const below = sums[0];
    sums.unshift(values.map((value, index) => addedUp(value, below?.[index] ?? null)));
  }
  return sums;
}

/** Indexes of values that no line leads to or from; they are drawn as points. */
export function isolated(values: Values): number[] {
  const has = (index: number) => typeof values[index] === "number";
  return [...values.keys()].filter((index) => has(index) && !has(index - 1) && !has(index + 1));
}

/** The last value of a series; `undefined` when it has none. */
export function lastValue({ values }: MetricSeries): number | undefined {
  return values.findLast((value) => value !== null) ?? undefined;
}

/** What all series have at a point, for people who do not see the graph: "p50 12.3 ms, p95 40.1 ms". */
export function spoken({ series, unit }: MetricGraph, index: number | undefined): string {
  const texts = series.flatMap((one) => {
    const value = index === undefined ? lastValue(one) : one.values[index];
    return typeof value === "number" ? [`${one.label} ${valueText(value, unit)}`] : [];
  });
  return texts.join(", ") || "nothing";
}

function addedUp(value: number | null, below: number | null): number | null {
  return value === null && below === null ? null : (value ?? 0) + (below ?? 0);
}
