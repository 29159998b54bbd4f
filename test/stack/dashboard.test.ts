import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Choice, committedPanels, exploreOf, interpolate, searchOf, type Target } from "./_dashboard.ts";
import { expectedOfPanels } from "./_expected.ts";
import { comparedByAlerts, RAISED } from "./_expected-alerts.ts";
import type { Asked } from "./_fleet.ts";
import { type Load, runLoad } from "./_load.ts";
import type { RuleGroup } from "./_prometheus.ts";
import { figure } from "./_report.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";
import { STACK } from "./_tools.ts";
import { groundednessOfAnswer, type Truth, truthOf } from "./_truth.ts";

const WINDOW_SECONDS = 1_800;
const CHOICE: Choice = {
  service: "edge-rag",
  environment: "prod",
  function: ".*",
  slow: "1s",
  windowSeconds: WINDOW_SECONDS,
};
const panels = committedPanels();

let stack: TestStack;
let load: Load;
let truth: Truth;
beforeAll(async () => {
  stack = await startStack();
  load = await runLoad(stack.urls.otlp);
  truth = truthOf(load.asked);
  const settled = [
    // Rules are evaluated every half minute.
    ['sum(rag:requests:sum_5m{deployment_environment_name="prod"})', truth.requests],
    ['sum(rag:queries:sum_5m{deployment_environment_name="prod"})', truth.judged],
    ['sum(traces_span_metrics_calls_total{span_name="rag.query"})', truth.queries + load.staging.length],
  ] as const;
  for (const [query, value] of settled) {
    expect(
      await eventually(
        () => stack.queries.value(query),
        (is) => is === value,
        120_000,
      ),
      query,
    ).toBe(value);
  }
  // Rule groups are evaluated at different times: waits until each has seen the complete load.
  const settledAt = Date.now();
  const isStale = ({ lastEvaluation }: RuleGroup): boolean => Date.parse(lastEvaluation) < settledAt;
  const staleGroups = async () => (await stack.queries.rules()).filter(isStale).map(({ name }) => name);
  const none = (names: string[]): boolean => names.length === 0;
  expect(await eventually(staleGroups, none, 120_000)).toEqual([]);
});
afterAll(() => stack?.down());

/** Answers with a lower score have the label by which the table finds them. */
const NOT_GROUNDED = 0.3;
/** Questions whose traces the tables list. */
const FOUND: Record<string, () => readonly Asked[]> = {
  "Queries slower than $slow": () => load.asked.filter(({ script: { generatorMs = 0 } }) => generatorMs > 1_000),
  "Answers that are not grounded": () =>
    load.asked.filter((asked) => (groundednessOfAnswer(asked)?.score ?? 1) < NOT_GROUNDED),
  "Failed queries": () => [...load.asked, ...load.staging].filter(({ status }) => status >= 500),
};

describe("each panel shows the correct values for the load", () => {
  test.each(panels.map((panel) => [panel.title, panel] as const))("%s", async (title, { targets = [] }) => {
    const [target = { refId: "" }] = targets.map(interpolateTarget);
    const jaeger = FOUND[title];
    if (jaeger) {
      const found = await stack.traces.search(searchOf(target));
      expect(ids(found.map(({ traceID }) => traceID))).toEqual(ids(jaeger().map(({ traceId }) => traceId)));
      return;
    }
    if (title === "Answers rated negative") {
      const found = await stack.traces.search(searchOf(target));
      const links = found.flatMap(({ spans }) => spans).flatMap(({ references }) => references);
      expect(ids(links.map(({ traceID }) => traceID))).toEqual(ids(load.ratedNegative.map(({ traceId }) => traceId)));
      return;
    }
    const firing = await stack.queries.query('ALERTS{alertstate="firing",deployment_environment_name=~"prod|"}');
    const checks = expectedOfPanels(load, truth, WINDOW_SECONDS, firing.length)[title] ?? {};
    expect(targets.map(({ refId }) => refId)).toEqual(Object.keys(checks));
    for (const { refId, expr = "" } of targets) {
      checks[refId]?.(await stack.queries.query(interpolate(expr, CHOICE)));
    }
  });

  test("and excludes what the variables do not select", async () => {
    const [queries] = panels.find(({ title }) => title === "Queries")?.targets ?? [];
    const ask = (choice: Partial<Choice>) =>
      stack.queries.query(interpolate(queries?.expr ?? "", { ...CHOICE, ...choice }));
    const counts = async (choice: Partial<Choice>) => (await ask(choice)).map(({ value }) => value);
    expect(await counts({ environment: "staging" })).toEqual([load.staging.length]);
    expect(await counts({ environment: ".*" })).toEqual([truth.queries + load.staging.length]);
    expect(await counts({ function: "edge-rag-staging-query" })).toEqual([]);
    expect(await counts({ service: "another" })).toEqual([]);
  });
});

test("an exemplar of the p99 links to a trace in Jaeger", async () => {
  const target = panels.flatMap(({ targets = [] }) => targets).find(({ exemplar }) => exemplar);
  const exemplars = await stack.queries.exemplars(interpolate(target?.expr ?? "", CHOICE));
  const slowest = exemplars.filter(({ value }) => value > 5.12).at(-1);
  const trace = await stack.traces.trace(slowest?.labels.trace_id ?? "");
  expect(trace?.spans.find(({ spanID }) => spanID === slowest?.labels.span_id)).toMatchObject({
    operationName: "rag.query",
    duration: expect.closeTo((slowest?.value ?? 0) * 1e6, -4),
  });
});

test("every link of the dashboard opens a search with results in Jaeger", async () => {
  const links = panels.flatMap(({ links = [], fieldConfig }) => [...links, ...(fieldConfig?.defaults.links ?? [])]);
  expect(links.length).toBeGreaterThan(4);
  for (const { title, url } of links) {
    // Grafana substitutes the label of the clicked point.
    const stage = title === "Traces without this stage" ? "rerank" : "llm_generation";
    const clicked = interpolate(url.replaceAll(/\$\{__field\.labels\.stage\}/g, stage), CHOICE);
    for (const { datasource, queries } of exploreOf(clicked)) {
      expect(datasource).toBe("jaeger");
      for (const query of queries)
        expect((await stack.traces.search(searchOf(query))).length, title).toBeGreaterThan(0);
    }
  }
});

test("the link of degraded queries finds exactly the queries without that stage", async () => {
  const links = panels.flatMap(({ fieldConfig }) => fieldConfig?.defaults.links ?? []);
  const { url = "" } = links.find(({ title }) => title === "Traces without this stage") ?? {};
  for (const stage of ["embedding", "rerank"] as const) {
    const clicked = interpolate(url.replaceAll(/\$\{__field\.labels\.stage\}/g, stage), CHOICE);
    const [query = { refId: "" }] = exploreOf(clicked).flatMap(({ queries }) => queries);
    const found = await stack.traces.search(searchOf(query));
    const without = load.asked.filter(({ script }) => script.fail === stage);
    expect(ids(found.map(({ traceID }) => traceID))).toEqual(ids(without.map(({ traceId }) => traceId)));
  }
});

test("every link from a span to metrics has results", async () => {
  const { datasources } = parse(
    readFileSync(join(STACK, "grafana/provisioning/datasources/datasources.yml"), "utf8"),
  ) as { datasources: { jsonData: { tracesToMetrics?: { queries: { name: string; query: string }[] } } }[] };
  const queries = datasources.flatMap(({ jsonData }) => jsonData.tracesToMetrics?.queries ?? []);
  expect(queries.length).toBeGreaterThan(0);
  for (const { name, query } of queries) {
    // Grafana substitutes the span's tags that are labels, possibly none.
    for (const tags of ['deployment_environment_name="prod"', ""]) {
      const found = await stack.queries.query(query.replaceAll("$$__tags", tags));
      expect(found.length, `${name} ${tags}`).toBeGreaterThan(0);
    }
  }
});

/** The documented metrics as named in Prometheus. */
const METRICS = [
  "rag_query_duration_seconds_count",
  "rag_stage_duration_seconds_count",
  "rag_embedding_cache_hits_total",
  "rag_embedding_cache_misses_total",
  "rag_vector_search_results_count_count",
  "rag_retrieval_score_count",
  "rag_openai_tokens_total",
  "rag_openai_cost_usd_total",
  "rag_answer_groundedness_count",
  "rag_answer_unsupported_citations_total",
  "rag_answer_unsupported_facts_total",
  "rag_feedback_total",
  "rag_answer_judge_score_count",
  "rag_judge_runs_total",
  "rag_judge_tokens_total",
  "rag_judge_cost_usd_total",
  "rag_shadow_groundedness_count",
  "rag_shadow_runs_total",
  "rag_shadow_tokens_total",
  "rag_shadow_cost_usd_total",
  "rag_query_errors_total",
  "rag_query_degraded_total",
  "rag_dependency_retries_total",
  "rag_answer_cache_hits_total",
  "rag_answer_cache_misses_total",
  "gen_ai_client_inference_usage_input_tokens_total",
  "gen_ai_client_inference_usage_output_tokens_total",
  "gen_ai_client_inference_duration_seconds_count",
  "gen_ai_client_embeddings_operation_input_tokens_count",
  "gen_ai_client_embeddings_duration_seconds_count",
  "gen_ai_client_inference_time_to_first_chunk_seconds_count",
  "http_server_request_duration_seconds_count",
  "messaging_process_duration_seconds_count",
  "messaging_client_consumed_messages_total",
  "faas_coldstarts_total",
  "faas_init_duration_seconds_count",
  "faas_timeouts_total",
  "otel_sdk_exporter_span_exported_total",
  "otel_sdk_exporter_metric_data_point_exported_total",
  "otel_sdk_exporter_operation_duration_seconds_count",
  "rag_telemetry_flush_duration_seconds_count",
  "rag_telemetry_retained_total",
  "rag_telemetry_breaker_opened_total",
];

test.each(METRICS)("%s is in Prometheus, by service, environment and function", async (name) => {
  const labels = ["service_name", "deployment_environment_name", "faas_name"];
  const found = await stack.queries.query(
    `count by (${labels.join(", ")}) (${name}{deployment_environment_name="prod"})`,
  );
  expect(found.map(({ labels }) => labels)).toEqual([
    { service_name: "edge-rag", deployment_environment_name: "prod", faas_name: "edge-rag-prod-query" },
  ]);
});

describe("each alert's expression has the correct value for the load", () => {
  let compared: Record<string, number | number[]>;
  beforeAll(async () => {
    const series = await stack.queries.value("otelcol_deltatocumulative_streams_tracked");
    compared = comparedByAlerts(load, truth, series / 100_000);
  });

  test("all alerts are checked, and no rule fails", async () => {
    const all = async () => (await stack.queries.rules()).flatMap(({ rules }) => rules);
    // The first evaluation of a rule may take up to its interval.
    const rules = await eventually(all, (rules) => rules.every(({ health }) => health !== "unknown"), 90_000);
    expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
    const alerts = rules.filter(({ type }) => type === "alerting");
    expect([...new Set(alerts.map(({ name }) => name))].sort()).toEqual(Object.keys(compared).sort());
    figure("panels and alerts checked against known values", "all of them", [
      `${panels.length} panels with ${panels.flatMap(({ targets = [] }) => targets).length} queries`,
      `${alerts.length} alerting rules`,
    ]);
  });

  test.each(alertNames())("%s", async (name) => {
    const groups = await stack.queries.rules();
    const rules = groups.flatMap(({ rules }) => rules).filter((rule) => rule.type === "alerting" && rule.name === name);
    expect(rules.length).toBeGreaterThan(0);
    for (const { query, labels } of rules) {
      const [, operand = ""] = /^(.*?) [<>=]=? /s.exec(query) ?? [];
      const known = compared[name] ?? Number.NaN;
      const values = await prod(operand);
      if (Array.isArray(known)) expect(values.length, operand).toBe(known.length);
      else if (known !== 0) expect(values.length, operand).toBeGreaterThan(0);
      const knownAt = (index: number) => (Array.isArray(known) ? known[index] : known) ?? Number.NaN;
      for (const [index, found] of values.entries()) expect(found, operand).toBeCloseTo(knownAt(index), 9);

      const raised = RAISED.includes(`${name} ${labels.window ?? ""}`.trim());
      const results = await prod(query);
      expect(results.length, query).toBe(raised ? 1 : 0);
      for (const [index, found] of results.entries()) expect(found, query).toBeCloseTo(knownAt(index), 9);
    }
  });
});

/** Names of the alerts in the committed rules. */
function alertNames(): string[] {
  const files = readdirSync(join(STACK, "prometheus/rules")).map((name) => join(STACK, "prometheus/rules", name));
  const names = files.flatMap((file) => [...readFileSync(file, "utf8").matchAll(/- alert: (\w+)/g)]);
  return [...new Set(names.map(([, name = ""]) => name))];
}

/** Values of the stage "prod", or of no stage, in descending order. */
async function prod(query: string): Promise<number[]> {
  const samples = await stack.queries.query(query);
  const values = samples.filter(({ labels }) => labels.deployment_environment_name !== "staging");
  return values.map(({ value }) => value).sort((a, b) => b - a);
}

function interpolateTarget(target: Target): Target {
  return JSON.parse(interpolate(JSON.stringify(target), CHOICE)) as Target;
}

function ids(found: readonly string[]): string[] {
  return found.map((id) => id.padStart(32, "0")).sort();
}
