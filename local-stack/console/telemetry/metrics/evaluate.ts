/** Evaluates formulas on the store as Prometheus evaluates their PromQL. */
import type { Condition, Formula, Selector } from "./formula.ts";
import { valueAt } from "./history.ts";
import { type Bucket, histogramQuantile } from "./quantile.ts";
import type { MetricsStore, Series } from "./store.ts";

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Over which time, and of which service. */
export interface Window {
  /** Milliseconds since 1970. */
  end: number;
  seconds: number;
  service: string;
}

/** One sample for each combination of the formula's labels; none where there is nothing to compute it from. */
export function evaluate(formula: Formula, store: MetricsStore, window: Window): Sample[] {
  const of = (part: Formula) => evaluate(part, store, window);
  switch (formula.kind) {
    case "total":
      return total(formula.of, formula.by, store, window);
    case "perSecond":
      return total(formula.of, formula.by, store, window).map(({ labels, value }) => ({
        labels,
        value: value / window.seconds,
      }));
    case "quantile":
      return quantiles(formula.q, total(formula.of, ["le", ...formula.by], store, window));
    case "mean":
      return quotients(total(formula.sum, formula.by, store, window), total(formula.count, formula.by, store, window));
    case "ratio": {
      const whole = of(formula.whole);
      return quotients(orZero(of(formula.part), whole), whole);
    }
    case "sum": {
      const [one, other] = [of(formula.one), of(formula.other)];
      return joined(orZero(one, other), orZero(other, one), (a, b) => a + b);
    }
    case "orZero":
      return orZero(of(formula.of), of(formula.other));
  }
}

/** The increase, now minus then, summed by labels. A series that did not exist then, or was reset since, counts from 0. */
function total(
  selector: Selector,
  by: readonly string[],
  store: MetricsStore,
  { end, seconds, service }: Window,
): Sample[] {
  const sums = new Map<string, Sample>();
  for (const series of store.named(selector.metric)) {
    if (!isSelected(series, selector, service)) continue;
    const now = valueAt(series.history, end);
    if (now === undefined) continue;
    const then = valueAt(series.history, end - seconds * 1000) ?? 0;
    const increase = now >= then ? now - then : now;
    const labels = Object.fromEntries(by.map((label) => [label, series.labels[label] ?? ""]));
    const key = keyOf(labels);
    sums.set(key, { labels, value: (sums.get(key)?.value ?? 0) + increase });
  }
  return [...sums.values()];
}

function isSelected({ labels }: Series, { where, le }: Selector, service: string): boolean {
  if ((labels.service_name ?? "") !== service) return false;
  if (le !== undefined && Number(labels.le) !== le) return false;
  return where.every((condition) => holds(condition, labels[condition.label] ?? ""));
}

function holds({ is, value }: Condition, actual: string): boolean {
  return is === "=" ? actual === value : actual !== value;
}

function quantiles(q: number, buckets: readonly Sample[]): Sample[] {
  const histograms = new Map<string, { labels: Sample["labels"]; buckets: Bucket[] }>();
  for (const { labels: all, value } of buckets) {
    const { le = "", ...labels } = all;
    const histogram = histograms.get(keyOf(labels)) ?? { labels, buckets: [] };
    histogram.buckets.push({ le: le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le), count: value });
    histograms.set(keyOf(labels), histogram);
  }
  return [...histograms.values()].flatMap(({ labels, buckets }) => {
    const value = histogramQuantile(q, buckets);
    return value >= 0 ? [{ labels, value }] : [];
  });
}

function quotients(parts: readonly Sample[], wholes: readonly Sample[]): Sample[] {
  return joined(
    parts,
    wholes.filter(({ value }) => value > 0),
    (part, whole) => part / whole,
  );
}

/** The samples, and 0 for labels that only the others have. */
function orZero(samples: readonly Sample[], others: readonly Sample[]): Sample[] {
  const known = new Set(samples.map(({ labels }) => keyOf(labels)));
  const missing = others.filter(({ labels }) => !known.has(keyOf(labels)));
  return [...samples, ...missing.map(({ labels }) => ({ labels, value: 0 }))];
}

/** Computes with the samples of the same labels. */
function joined(
  ones: readonly Sample[],
  others: readonly Sample[],
  compute: (one: number, other: number) => number,
): Sample[] {
  const byLabels = new Map(others.map(({ labels, value }) => [keyOf(labels), value]));
  return ones.flatMap(({ labels, value }) => {
    const other = byLabels.get(keyOf(labels));
    return other === undefined ? [] : [{ labels, value: compute(value, other) }];
  });
}

/** Labels are listed in the order of the formula, so equal ones are written alike. */
function keyOf(labels: Sample["labels"]): string {
  return JSON.stringify(labels);
}
