/** Builds what the page shows, whoever computes the formulas. */
import type { MetricGraph, MetricSeries, MetricsView } from "#console/contract.ts";
import type { Sample } from "./evaluate.ts";
import type { Formula } from "./formula.ts";
import { GROUPS } from "./groups.ts";
import type { Line } from "./lines.ts";
import { NUMBERS } from "./numbers.ts";
import { type GraphPanel, legendOf, namesOf, type Query } from "./panel.ts";

/** The metrics that the view is computed from. */
export const NAMES: ReadonlySet<string> = namesOf(NUMBERS, GROUPS);

/** A point of a line covers this long, as on the dashboard: a shorter time would mostly be empty. */
const LINE_SECONDS = 60;

/** Computes formulas over windows of `seconds`; ends are seconds since 1970. */
export interface Evaluator {
  number(formula: Formula, seconds: number, end: number): Promise<readonly Sample[]>;
  /** @param ends ascending by the same step, except for the last one */
  lines(formula: Formula, seconds: number, ends: readonly number[]): Promise<readonly Line[]>;
}

/**
 * @param minutes 1 to 60
 * @param now seconds since 1970
 */
export async function buildView(evaluator: Evaluator, minutes: number, now: number): Promise<MetricsView> {
  const { points, step } = timesOf(minutes, now);
  // The last step is not over. A bar grows; a line would fall where half of its window is still to come.
  const windows = {
    bars: { seconds: step, ends: points },
    lines: { seconds: LINE_SECONDS, ends: [...points.slice(0, -1), now] },
  };
  const [numbers, graphs] = await Promise.all([
    Promise.all(
      NUMBERS.map(async ({ formula, ...panel }) => {
        const [sample] = await evaluator.number(formula, minutes * 60, now);
        return { ...panel, value: sample?.value ?? null };
      }),
    ),
    Promise.all(
      GROUPS.flatMap(({ title, graphs }) =>
        graphs.map((panel) => graphOf(evaluator, panel, title, windows[panel.kind])),
      ),
    ),
  ]);
  return { times: points, step_seconds: step, numbers, graphs };
}

/** Points at multiples of the step, 60 to 120 of them, so that a bar keeps its place and its amount. */
function timesOf(minutes: number, now: number): { points: number[]; step: number } {
  const step = 5 * Math.ceil(minutes / 10);
  const end = Math.ceil(now / step) * step;
  const count = Math.round((minutes * 60) / step);
  return { points: Array.from({ length: count }, (_, index) => end - (count - 1 - index) * step), step };
}

async function graphOf(
  evaluator: Evaluator,
  { queries, ...texts }: GraphPanel,
  group: string,
  { seconds, ends }: { seconds: number; ends: readonly number[] },
): Promise<MetricGraph> {
  const series = await Promise.all(
    queries.map(async (query) => seriesOf(query, await evaluator.lines(query.formula, seconds, ends), texts.kind)),
  );
  return { ...texts, group, series: series.flat() };
}

/** Without series that have nothing to show: no value, or no bar. */
function seriesOf(
  { legend, failed = false, order = [] }: Query,
  lines: readonly Line[],
  kind: GraphPanel["kind"],
): MetricSeries[] {
  const place = ({ label }: MetricSeries) => (order.includes(label) ? order.indexOf(label) : order.length);
  return lines
    .filter(({ values }) => values.some((value) => value !== null && (kind === "lines" || value > 0)))
    .map(({ labels, values }) => {
      const label = legendOf(legend, labels);
      return { label, failed: typeof failed === "boolean" ? failed : failed.includes(label), values };
    })
    .sort((a, b) => place(a) - place(b) || (a.label < b.label ? -1 : 1));
}
