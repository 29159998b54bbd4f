/** What a panel computes, as data: the console's own store evaluates it, and Prometheus is asked the PromQL of it. */

/** Series of Prometheus' data model: the metric's name with its suffix, such as `_bucket`, and conditions on labels. */
export interface Selector {
  metric: string;
  /** An absent label equals "". */
  where: readonly Condition[];
  /** Of a histogram's buckets, the one with this upper bound. */
  le?: number;
}

export interface Condition {
  label: string;
  is: "=" | "!=";
  value: string;
}

/** Each means its namesake of grafana/build/promql.ts; the window is what a formula is evaluated over. */
export type Formula =
  /** The increase, summed by labels. */
  | { kind: "total"; of: Selector; by: readonly string[] }
  /** The increase per second. */
  | { kind: "perSecond"; of: Selector; by: readonly string[] }
  /** A quantile of a histogram, `q` in [0, 1]; `of` selects its buckets. */
  | { kind: "quantile"; q: number; of: Selector; by: readonly string[] }
  /** The mean of a histogram. */
  | { kind: "mean"; sum: Selector; count: Selector; by: readonly string[] }
  /** `part` / `whole`: 0 without a part, nothing while the whole is 0. */
  | { kind: "ratio"; part: Formula; whole: Formula }
  /** The sum of both; either may have no value. */
  | { kind: "sum"; one: Formula; other: Formula }
  /** The formula, or 0 where only `other` has a value. */
  | { kind: "orZero"; of: Formula; other: Formula };

/** @param where conditions such as `outcome="error"` */
export function select(metric: string, ...where: readonly string[]): Selector {
  return { metric, where: where.map(conditionOf) };
}

/** The bucket of a histogram with this upper bound. */
export function bucket(histogram: string, le: number): Selector {
  return { metric: `${histogram}_bucket`, where: [], le };
}

export const total = (of: Selector, ...by: readonly string[]): Formula => ({ kind: "total", of, by });

export const perSecond = (of: Selector, ...by: readonly string[]): Formula => ({ kind: "perSecond", of, by });

export const quantile = (q: number, of: Selector, ...by: readonly string[]): Formula => ({
  kind: "quantile",
  q,
  of,
  by,
});

export const ratio = (part: Formula, whole: Formula): Formula => ({ kind: "ratio", part, whole });

export const sum = (one: Formula, other: Formula): Formula => ({ kind: "sum", one, other });

export const orZero = (of: Formula, other: Formula): Formula => ({ kind: "orZero", of, other });

export function mean(histogram: string, ...by: readonly string[]): Formula {
  return { kind: "mean", sum: select(`${histogram}_sum`), count: select(`${histogram}_count`), by };
}

/** The selectors of a formula. */
export function selectorsOf(formula: Formula): Selector[] {
  switch (formula.kind) {
    case "total":
    case "perSecond":
    case "quantile":
      return [formula.of];
    case "mean":
      return [formula.sum, formula.count];
    case "ratio":
      return [...selectorsOf(formula.part), ...selectorsOf(formula.whole)];
    case "sum":
      return [...selectorsOf(formula.one), ...selectorsOf(formula.other)];
    case "orZero":
      return [...selectorsOf(formula.of), ...selectorsOf(formula.other)];
  }
}

function conditionOf(text: string): Condition {
  const [, label, is, value] = /^(\w+)(=|!=)"(.*)"$/.exec(text) ?? [];
  if (label === undefined || value === undefined) throw new Error(`${text} is no condition such as outcome="error"`);
  return { label, is: is === "=" ? "=" : "!=", value };
}
