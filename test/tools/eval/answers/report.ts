import { mean } from "../metrics.ts";
import type { Change, Comparison, Verdict } from "./compare.ts";
import { FIGURES } from "./figures.ts";
import type { Result } from "./results.ts";

/** The figures of one data set, for a terminal. */
export function formatAnswers(dataset: string, results: readonly Result[], topK: number): string {
  const lines = FIGURES.flatMap(({ name, among, value }) => {
    const values = results.flatMap((result) => value(result) ?? []);
    return values.length === 0 ? [] : [`${name.padEnd(20)}${share(mean(values))}   of ${values.length} ${among}`];
  });
  return [`${dataset}: ${results.length} questions, top_k ${topK}`, ...lines].join("\n");
}

/** A comparison, for a terminal. */
export function formatComparison({ verdict, questions, level, changes }: Comparison, names: { a: string; b: string }) {
  const interval = `${(level * 100).toFixed(1)} % interval`;
  return [
    `A: ${names.a}`,
    `B: ${names.b}`,
    row("", "A", "B", "B − A", interval, "changed", ""),
    ...changes.map((change) => {
      const { figure, pairs, changed, a, b, value, low, high, verdict } = change;
      const cells = [share(a), share(b), signed(value), `${signed(low)} to ${signed(high)}`, `${changed} of ${pairs}`];
      // The interval alone is too sure of few changes: see differenceOf.
      const isUnsure = verdict === "no difference" && (low > 0 || high < 0);
      return row(figure, ...cells, isUnsure ? "too few changed" : verdict);
    }),
    sentence(verdict, questions, changes),
  ].join("\n");
}

function sentence(verdict: Verdict, questions: number, changes: readonly Change[]): string {
  const list = (of: Verdict) => changes.flatMap(({ verdict, figure }) => (verdict === of ? [figure] : [])).join(", ");
  switch (verdict) {
    case "better":
    case "worse":
      return `B is ${verdict} (${list(verdict)}).`;
    case "mixed":
      return `B is better (${list("better")}) and worse (${list("worse")}).`;
    case "no difference":
      return `There is no difference that these ${questions} questions can show.`;
  }
}

function row(name: string, ...cells: string[]): string {
  const widths = [7, 8, 9, 20, 15];
  return (
    name.padEnd(20) +
    cells.map((cell, at) => (at < widths.length ? cell.padStart(widths[at] ?? 0) : `   ${cell}`)).join("")
  ).trimEnd();
}

function share(value: number): string {
  return value.toFixed(3);
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${share(Math.abs(value))}`;
}
