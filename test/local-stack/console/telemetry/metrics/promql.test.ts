import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GROUPS } from "#console/telemetry/metrics/groups.ts";
import { NUMBERS } from "#console/telemetry/metrics/numbers.ts";
import { interpolate, promqlOf } from "#console/telemetry/metrics/promql.ts";

interface Panel {
  title: string;
  description: string;
  targets?: { expr?: string }[];
}

const FILE = join(import.meta.dirname, "../../../../../local-stack/grafana/dashboards/rag-pipeline.json");
const { panels } = JSON.parse(readFileSync(FILE, "utf8")) as { panels: Panel[] };
const expressions = (title: string) => panels.find((panel) => panel.title === title)?.targets?.map(({ expr }) => expr);

const GRAPHS = GROUPS.flatMap(({ graphs }) => graphs);
/** Those that only the console has on top; the dashboard has them as graphs. */
const OWN_NUMBERS = ["p50", "p99", "Tokens", "Cold starts", "Telemetry dropped"];

it.each(GRAPHS)("the graph $title asks Prometheus what the dashboard's asks", ({ title, queries }) => {
  for (const { formula } of queries) expect(expressions(title)).toContain(promqlOf(formula, "$__interval"));
});

it.each(NUMBERS.filter(({ title }) => !OWN_NUMBERS.includes(title)))(
  "the number $title asks Prometheus what the dashboard's asks",
  ({ title, formula }) => {
    expect(expressions(title)).toEqual([promqlOf(formula, "$__range")]);
  },
);

it("fills in every variable of the dashboard", () => {
  const choice = { service: 'a "b" \\', windowSeconds: 60 };
  const all = [...NUMBERS, ...GRAPHS.flatMap(({ queries }) => queries)].map(({ formula }) =>
    promqlOf(formula, "$__interval"),
  );
  for (const expression of all) expect(interpolate(expression, choice)).not.toContain("$");
  expect(interpolate('{service_name="$service"}[$__range] / $__interval_ms', choice)).toBe(
    '{service_name="a \\"b\\" \\\\"}[60s] / 60000',
  );
});
