import type { Unit } from "#console/contract.ts";
import { type Formula, selectorsOf } from "./formula.ts";

/** One number over the whole time that is shown. */
export interface NumberPanel {
  id: string;
  title: string;
  description: string;
  unit: Unit;
  formula: Formula;
}

export interface GraphPanel {
  id: string;
  title: string;
  description: string;
  unit: Unit;
  /** `bars` for amounts per step; `lines` for rates, ratios and durations of a minute. */
  kind: "lines" | "bars";
  /** What it means that there is no series. */
  nothing: string;
  queries: readonly Query[];
}

export interface Query {
  formula: Formula;
  /** Of its series: labels in double braces, such as "{{stage}}, p50". */
  legend: string;
  /** Labels of what went wrong, after the legend was filled in; true for all. */
  failed?: boolean | readonly string[];
  /** Labels that come first, in this order. */
  order?: readonly string[];
}

export interface Group {
  title: string;
  graphs: readonly GraphPanel[];
}

/** The metrics that panels are computed from, as {@link Selector.metric} names them. */
export function namesOf(numbers: readonly NumberPanel[], groups: readonly Group[]): Set<string> {
  const graphs = groups.flatMap((group) => group.graphs).flatMap(({ queries }) => queries);
  return new Set([...numbers, ...graphs].flatMap(({ formula }) => selectorsOf(formula)).map(({ metric }) => metric));
}

/** The label of a series; absent labels are left out. */
export function legendOf(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replace(/\{\{(\w+)\}\}/g, (_, name: string) => labels[name] ?? "").trim();
}
