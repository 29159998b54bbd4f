import { readdir, readFile } from "node:fs/promises";
import { createNoopMeter, type Meter, type MetricOptions } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { createSelfMetrics } from "#telemetry/export/self-metrics.ts";
import { createJudgeMetrics } from "#telemetry/judge-metrics.ts";
import { createMetrics, SELF_NAMES } from "#telemetry/metrics.ts";
import { createShadowMetrics } from "#telemetry/shadow-metrics.ts";
import { buildDashboard } from "../../local-stack/grafana/build/dashboard.ts";

interface Target {
  refId: string;
  datasource: { uid: string };
  expr?: string;
  queryType?: string;
  operation?: string;
}

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: Target[];
  datasource?: { uid: string };
  fieldConfig?: { defaults: { unit?: string; noValue?: string } };
}

interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; datasource?: { uid: string } }[] };
}

const read = (path: string) => readFile(new URL(`../../local-stack/${path}`, import.meta.url), "utf8");
const dashboard: Dashboard = JSON.parse(JSON.stringify(buildDashboard()));
const panels = dashboard.panels.filter(({ type }) => type !== "row");
const expressions = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr ?? []));

/** Names of the code's metrics as the collector's Prometheus exporter writes them. */
function namesInPrometheus(): Set<string> {
  const names = new Set<string>();
  const prometheus = (name: string, unit = "") => {
    const spelled = name.replaceAll(".", "_");
    return unit === "s" && !spelled.endsWith("_seconds") ? `${spelled}_seconds` : spelled;
  };
  const noop = createNoopMeter();
  const meter: Meter = Object.assign(Object.create(noop), {
    createCounter(name: string, { unit }: MetricOptions = {}) {
      names.add(`${prometheus(name, unit).replace(/_total$/, "")}_total`);
      return noop.createCounter(name);
    },
    createHistogram(name: string, { unit }: MetricOptions = {}) {
      for (const part of ["bucket", "sum", "count"]) names.add(`${prometheus(name, unit)}_${part}`);
      return noop.createHistogram(name);
    },
  });
  createMetrics(meter);
  createJudgeMetrics(meter);
  createShadowMetrics(meter);
  for (const signal of ["traces", "metrics"] as const) createSelfMetrics({ getMeter: () => meter }, signal, SELF_NAMES);
  return names;
}

it("is up to date with its code", async () => {
  const committed = await read("grafana/dashboards/rag-pipeline.json");
  expect(committed, "run: npm run dashboard").toBe(`${JSON.stringify(dashboard, null, 2)}\n`);
});

it("has its rows in the order of the guide", () => {
  const rows = dashboard.panels.filter(({ type }) => type === "row").map(({ title }) => title);
  expect(rows).toEqual(["Overview", "Stages", "Retrieval", "Quality", "Tokens and cost", "Serverless", "Slow queries"]);
});

it.each(panels.map((panel) => [panel.title, panel] as const))(
  "has a description and a no-value text for %s",
  (_, panel) => {
    expect(panel.description).toMatch(/^[A-Z0-9].{30,}\.$/);
    expect(panel.fieldConfig?.defaults.unit).toBeTruthy();
    expect(panel.fieldConfig?.defaults.noValue).toMatch(/^.{10,}$/);
    expect(panel.targets?.map(({ refId }) => refId)).toEqual(
      panel.targets?.map((_target, index) => String.fromCharCode(65 + index)),
    );
    expect(panel.targets?.length).toBeGreaterThan(0);
  },
);

it("has a unique id and title for every panel", () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
});

it("fills all 24 columns without overlaps", () => {
  const spots = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  expect(new Set(spots).size).toBe(spots.length);
  expect(spots.length).toBe(24 * bottom);
});

it("shows the overview on the first screen of 1920 × 1080", () => {
  const stages = dashboard.panels.find(({ title }) => title === "Stages");
  // A grid unit is 30 pixels plus a gap of 8; Grafana's header and controls take about 150.
  expect((stages?.gridPos.y ?? Number.POSITIVE_INFINITY) * 38).toBeLessThanOrEqual(1080 - 150);
});

it("uses only provisioned data sources", async () => {
  const { datasources } = parse(await read("grafana/provisioning/datasources/datasources.yml"));
  const provisioned = datasources.map(({ uid }: { uid: string }) => uid);
  const used = [...panels.flatMap(({ datasource, targets = [] }) => [datasource, ...targets.map((t) => t.datasource)])];
  const uids = [...used, ...dashboard.templating.list.map(({ datasource }) => datasource)].flatMap((d) => d?.uid ?? []);
  expect(provisioned).toEqual(["prometheus", "jaeger"]);
  expect([...new Set(uids)].sort()).toEqual(["jaeger", "prometheus"]);
  for (const { jsonData } of datasources) {
    const links = jsonData.exemplarTraceIdDestinations ?? [jsonData.tracesToMetrics];
    for (const { datasourceUid } of links) expect(provisioned).toContain(datasourceUid);
  }
});

it("queries only metrics of the code or the collector, and existing rules", async () => {
  const files = await readdir(new URL("../../local-stack/prometheus/rules", import.meta.url));
  const rules = await Promise.all(files.map((file) => read(`prometheus/rules/${file}`)));
  const recorded = rules.flatMap((text) => [...text.matchAll(/record: (\S+)/g)].map(([, name]) => name));
  const known = new Set([...namesInPrometheus(), ...recorded]);
  const used = expressions.flatMap((expr) => [...expr.matchAll(/([\w:]+)\{/g)].map(([, name = ""]) => name));
  const unknown = used.filter((name) => !known.has(name) && !/^(traces_span_metrics|otelcol)_|^ALERTS$/.test(name));
  expect([...new Set(unknown)]).toEqual([]);
  expect(used.length).toBeGreaterThan(100);
});

it("shows every metric of the telemetry contract, except those that others cover in more detail", () => {
  const shown = expressions.join("\n");
  const hidden = [...namesInPrometheus()]
    .map((name) => name.replace(/_(bucket|sum|count)$/, ""))
    .filter((name) => !shown.includes(name));
  expect([...new Set(hidden)]).toEqual([
    "gen_ai_client_inference_usage_input_tokens_total",
    "gen_ai_client_inference_usage_output_tokens_total",
    "gen_ai_client_embeddings_operation_input_tokens",
    "otel_sdk_exporter_operation_duration_seconds",
    "rag_telemetry_breaker_opened_total",
  ]);
});

it("filters by the variables, except for the collector's own metrics", () => {
  for (const expr of expressions) {
    for (const [, name, matchers] of expr.matchAll(/([\w:]+)\{([^}]*)\}/g)) {
      const own = matchers?.includes('job="collector"');
      expect(own || /service_name=~?"\$service/.test(matchers ?? ""), `${name}{${matchers}}`).toBe(true);
    }
  }
});

it("takes exemplars from the span metrics", () => {
  const withExemplars = panels.flatMap(({ targets = [] }) => targets.filter((t) => "exemplar" in t && t.exemplar));
  expect(withExemplars.map(({ expr }) => expr)).toEqual([
    expect.stringContaining('traces_span_metrics_duration_seconds_bucket{span_name="rag.query"'),
  ]);
});
