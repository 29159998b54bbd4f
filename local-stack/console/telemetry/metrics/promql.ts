/** Formulas as PromQL, by the functions that the dashboard is built with. */
import * as promql from "../../../grafana/build/promql.ts";
import type { Formula, Selector } from "./formula.ts";

/** @param window a duration of Prometheus, or one of the dashboard's windows */
export function promqlOf(formula: Formula, window: string): string {
  switch (formula.kind) {
    case "total":
      return promql.total(selectorOf(formula.of), window, ...formula.by);
    case "perSecond":
      return promql.perSecond(selectorOf(formula.of), ...formula.by);
    case "quantile":
      return promql.quantile(formula.q, selectorOf(formula.of), window, ...formula.by);
    case "mean":
      return promql.mean(formula.sum.metric.replace(/_sum$/, ""), window, ...formula.by);
    case "ratio":
      return promql.ratio(promqlOf(formula.part, window), promqlOf(formula.whole, window));
    case "sum": {
      const [one, other] = [promqlOf(formula.one, window), promqlOf(formula.other, window)];
      return `(${promql.orZero(one, other)} + ${promql.orZero(other, one)})`;
    }
    case "orZero":
      return promql.orZero(promqlOf(formula.of, window), promqlOf(formula.other, window));
  }
}

/** Values of the dashboard's variables. */
export interface Choice {
  service: string;
  windowSeconds: number;
}

/** Fills in the dashboard's variables as Grafana does, with All for environment and function. */
export function interpolate(expression: string, { service, windowSeconds }: Choice): string {
  const values: Readonly<Record<string, string>> = {
    service: service.replace(/["\\]/g, "\\$&"),
    environment: ".*",
    function: ".*",
    __range: `${windowSeconds}s`,
    __interval: `${windowSeconds}s`,
    __interval_ms: String(windowSeconds * 1000),
  };
  return expression.replace(/\$(\w+)/g, (variable, name: string) => values[name] ?? variable);
}

function selectorOf({ metric, where, le }: Selector): string {
  const conditions = where.map(({ label, is, value }) => `${label}${is}"${value}"`);
  return promql.metric(metric, ...conditions, ...(le === undefined ? [] : [promql.le(le)]));
}
