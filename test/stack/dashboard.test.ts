import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { quantileRange } from "./_buckets.ts";
import { type Choice, committedPanels, exploreOf, interpolate, searchOf, type Target } from "./_dashboard.ts";
import { type Asked, CHAT_MODEL, EMBEDDING_MODEL } from "./_fleet.ts";
import { type Load, runLoad, spansOf, type Truth, truthOf } from "./_load.ts";
import type { Sample } from "./_prometheus.ts";
import { figure } from "./_report.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";
import { STACK } from "./_tools.ts";

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
    // The rules' own clock goes every half minute.
    ['sum(rag:requests:sum_5m{deployment_environment_name="prod"})', truth.requests],
    ['sum(rag:queries:sum_5m{deployment_environment_name="prod"})', truth.queries],
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
});
afterAll(() => stack?.down());

type Check = (samples: Sample[]) => void | Promise<void>;

/** Seconds of each query: as the pipeline's clock had it where there is an answer, else as it was scripted. */
function seconds(asked: readonly Asked[] = load.asked): number[] {
  return asked
    .filter(({ script }) => !script.invalid)
    .map(({ seconds, script, status }) => seconds ?? (status === 504 ? 0.055 : (script.generatorMs ?? 1) / 1_000));
}
/** Of the generator's, which is all that takes time. */
const generating = () =>
  seconds(load.asked.filter(({ script: { fail } }) => fail === undefined || fail === "llm_generation"));

const one =
  (value: () => number, digits = 9): Check =>
  (samples) => {
    expect(samples).toHaveLength(1);
    expect(samples[0]?.value).toBeCloseTo(value(), digits);
  };
const within =
  (range: () => [number, number]): Check =>
  (samples) => {
    expect(samples).toHaveLength(1);
    const [lower, upper] = range();
    expect(samples[0]?.value).toBeGreaterThan(lower);
    expect(samples[0]?.value).toBeLessThanOrEqual(upper);
  };
const each =
  (labels: string[], values: () => Record<string, number>, digits = 9): Check =>
  (samples) => {
    const found = Object.fromEntries(
      samples.map((sample) => [labels.map((label) => sample.labels[label]).join(" "), sample.value]),
    );
    expect(Object.keys(found).sort()).toEqual(Object.keys(values()).sort());
    for (const [name, value] of Object.entries(values())) expect(found[name], name).toBeCloseTo(value, digits);
  };
const zero: Check = (samples) => expect(samples.filter(({ value }) => value !== 0)).toEqual([]);
const perSecond = (value: () => number): Check => one(() => value() / WINDOW_SECONDS);
const eachRange =
  (label: string, ranges: () => Record<string, [number, number]>): Check =>
  (samples) => {
    expect(samples.map(({ labels }) => labels[label]).sort()).toEqual(Object.keys(ranges()).sort());
    for (const { labels, value } of samples) {
      const [lower, upper] = ranges()[labels[label] ?? ""] ?? [Number.NaN, Number.NaN];
      expect(value, labels[label]).toBeGreaterThan(lower);
      expect(value, labels[label]).toBeLessThanOrEqual(upper);
    }
  };

const errorRatio = () => truth.outcomes.error / truth.queries;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const totalTokens = () => sum(Object.values(truth.tokens));
const byStage = (q: number) => () => ({
  embedding: [0, 0.02] as [number, number],
  vector_search: [0, 0.02] as [number, number],
  rerank: [0, 0.02] as [number, number],
  llm_generation: quantileRange(generating(), q),
});
const twoScores = () => sum(truth.scores) / truth.scores.length;
const SCORES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const lowScore = () => quantileRange(truth.scores, 0.1, SCORES);
const sentSpans = () => spansOf(load.asked) - load.dropped + spansOf(load.staging);
const FLUSH: [number, number] = [0, 5];

/** By panel and target: what it has to say of the load. */
const EXPECTED: Record<string, Record<string, Check>> = {
  Queries: { A: one(() => truth.queries) },
  "Error ratio": { A: one(errorRatio) },
  p95: { A: within(() => quantileRange(seconds(), 0.95)) },
  "Cache hit ratio": { A: one(() => truth.cache.ratio) },
  Cost: { A: one(() => truth.costTotal, 12) },
  "Alerts firing": {
    A: async (samples) => {
      const firing = await stack.queries.query('ALERTS{alertstate="firing",deployment_environment_name=~"prod|"}');
      await one(() => firing.length)(samples);
    },
  },
  "Query duration": {
    A: within(() => quantileRange(seconds(), 0.5)),
    B: within(() => quantileRange(seconds(), 0.95)),
    C: within(() => quantileRange(seconds(), 0.99)),
    D: within(() => quantileRange(seconds(), 0.99)),
  },
  "Queries per second": {
    A: each(["outcome"], () =>
      Object.fromEntries(Object.entries(truth.outcomes).map(([outcome, count]) => [outcome, count / WINDOW_SECONDS])),
    ),
  },
  "Error ratio over time": { A: one(errorRatio) },
  "SLO burn": {
    A: one(() => truth.failed / truth.requests / 0.005),
    B: one(() => truth.failed / truth.requests / 0.005),
    C: one(() => truth.slow / truth.queries / 0.05),
    D: one(() => truth.slow / truth.queries / 0.05),
  },
  "Median by stage": { A: eachRange("stage", byStage(0.5)) },
  "p95 by stage": { A: eachRange("stage", byStage(0.95)) },
  "Errors by stage": { A: each(["stage"], () => truth.errors) },
  "Query durations": {
    A: (samples) => {
      const upTo = (bound: string) => samples.find(({ labels }) => labels.le === bound)?.value;
      expect(upTo("+Inf")).toBe(truth.queries);
      expect(upTo("5.12")).toBe(truth.queries - truth.slow);
      expect(samples).toHaveLength(15);
    },
  },
  "Where the time goes": {
    A: (samples) => {
      expect(sum(samples.map(({ value }) => value))).toBeCloseTo(1, 9);
      expect(samples.find(({ labels }) => labels.stage === "llm_generation")?.value).toBeGreaterThan(0.9);
      expect(samples).toHaveLength(4);
    },
  },
  "Embedding cache hit ratio": { A: one(() => truth.cache.ratio) },
  "Zero-result rate": { A: one(() => truth.empty / truth.searches) },
  "Results per search": { A: one(() => truth.results / truth.searches) },
  "Searches by number of results": {
    A: one(() => truth.empty),
    B: zero,
    C: one(() => 50),
    D: one(() => truth.searches - truth.empty - 50),
    E: zero,
    F: zero,
    G: zero,
    H: zero,
  },
  "Best score by stage": {
    A: each(["stage"], () => ({ vector_search: twoScores(), rerank: twoScores() })),
    B: eachRange("stage", () => ({ vector_search: lowScore(), rerank: lowScore() })),
  },
  "Tokens by model": { A: each(["type", "model"], () => truth.tokens) },
  "Cost by model": { A: each(["model"], () => truth.cost, 12) },
  "Tokens per query": { A: one(() => totalTokens() / truth.queries) },
  "Cost per 1,000 queries": { A: one(() => (1_000 * truth.costTotal) / truth.queries) },
  "Provider errors": {
    A: each(["gen_ai_request_model", "error_type"], () => ({
      [`${CHAT_MODEL} rate_limit_exceeded`]: truth.errors.llm_generation,
      [`${CHAT_MODEL} deadline`]: truth.errors.deadline,
      [`${EMBEDDING_MODEL} ECONNREFUSED`]: truth.errors.embedding,
    })),
  },
  "Cold starts": { A: each(["faas_name"], () => ({ "edge-rag-prod-query": truth.coldStarts })) },
  "Cold-start ratio": { A: one(() => truth.coldStarts / truth.requests) },
  // 180 ms each.
  "Init time": { A: within(() => [0.1, 0.25]), B: within(() => [0.1, 0.25]) },
  Timeouts: { A: each(["faas_name"], () => ({ "edge-rag-prod-query": truth.timeouts })) },
  "Telemetry of the functions": {
    A: perSecond(() => spansOf(load.asked) - load.dropped),
    B: perSecond(() => load.points),
    C: each(["signal"], () => ({ traces: load.retained / WINDOW_SECONDS })),
    D: each(["error_type"], () => ({ "400": load.dropped / WINDOW_SECONDS })),
    E: zero,
  },
  "Flush duration": {
    A: eachRange("signal", () => ({ traces: FLUSH, metrics: FLUSH })),
    B: eachRange("signal", () => ({ traces: FLUSH, metrics: FLUSH })),
  },
  "Collector: spans": { A: perSecond(sentSpans), B: perSecond(sentSpans), C: zero, D: zero, E: zero },
  "Collector: traces kept": { A: one(() => load.asked.length - 1 + load.staging.length), B: zero },
  "Collector: how full": { A: within(() => [-1, 1]), B: within(() => [0, 0.1]) },
};

/** Traces that the tables list. */
const FOUND: Record<string, () => readonly Asked[]> = {
  "Queries slower than $slow": () => load.asked.filter(({ script: { generatorMs = 0 } }) => generatorMs > 1_000),
  "Failed queries": () => [...load.asked, ...load.staging].filter(({ status }) => status >= 500),
};

describe("each panel says of the load what is true", () => {
  test.each(panels.map((panel) => [panel.title, panel] as const))("%s", async (title, { targets = [] }) => {
    const jaeger = FOUND[title];
    if (jaeger) {
      const [target] = targets.map(filledIn);
      const found = await stack.traces.search(searchOf(target ?? { refId: "" }));
      expect(ids(found.map(({ traceID }) => traceID))).toEqual(ids(jaeger().map(({ traceId }) => traceId)));
      return;
    }
    const checks = EXPECTED[title] ?? {};
    expect(targets.map(({ refId }) => refId)).toEqual(Object.keys(checks));
    for (const { refId, expr = "" } of targets) {
      await checks[refId]?.(await stack.queries.query(interpolate(expr, CHOICE)));
    }
  });

  test("and nothing of what the variables leave out", async () => {
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

test("an exemplar of the p99 opens a trace that Jaeger has", async () => {
  const target = panels.flatMap(({ targets = [] }) => targets).find(({ exemplar }) => exemplar);
  const exemplars = await stack.queries.exemplars(interpolate(target?.expr ?? "", CHOICE));
  const slowest = exemplars.filter(({ value }) => value > 5.12).at(-1);
  const trace = await stack.traces.trace(slowest?.labels.trace_id ?? "");
  expect(trace?.spans.find(({ spanID }) => spanID === slowest?.labels.span_id)).toMatchObject({
    operationName: "rag.query",
    duration: expect.closeTo((slowest?.value ?? 0) * 1e6, -4),
  });
});

test("every link of the dashboard opens a search that Jaeger answers", async () => {
  const links = panels.flatMap(({ links = [], fieldConfig }) => [...links, ...(fieldConfig?.defaults.links ?? [])]);
  expect(links.length).toBeGreaterThan(4);
  for (const { title, url } of links) {
    // Grafana puts the label of the point that was clicked on.
    const clicked = interpolate(url.replaceAll(/\$\{__field\.labels\.stage\}/g, "llm_generation"), CHOICE);
    for (const { datasource, queries } of exploreOf(clicked)) {
      expect(datasource).toBe("jaeger");
      for (const query of queries)
        expect((await stack.traces.search(searchOf(query))).length, title).toBeGreaterThan(0);
    }
  }
});

test("from a span, every link to metrics finds some", async () => {
  const { datasources } = parse(
    readFileSync(join(STACK, "grafana/provisioning/datasources/datasources.yml"), "utf8"),
  ) as { datasources: { jsonData: { tracesToMetrics?: { queries: { name: string; query: string }[] } } }[] };
  const queries = datasources.flatMap(({ jsonData }) => jsonData.tracesToMetrics?.queries ?? []);
  expect(queries.length).toBeGreaterThan(0);
  for (const { name, query } of queries) {
    // Grafana puts the span's tags that are labels, and may find none.
    for (const tags of ['deployment_environment_name="prod"', ""]) {
      const found = await stack.queries.query(query.replaceAll("$$__tags", tags));
      expect(found.length, `${name} ${tags}`).toBeGreaterThan(0);
    }
  }
});

/** Metrics that the documentation names, as Prometheus has them. */
const METRICS = [
  "rag_query_duration_seconds_count",
  "rag_stage_duration_seconds_count",
  "rag_embedding_cache_hits_total",
  "rag_embedding_cache_misses_total",
  "rag_vector_search_results_count_count",
  "rag_retrieval_score_count",
  "rag_openai_tokens_total",
  "rag_openai_cost_usd_total",
  "rag_query_errors_total",
  "gen_ai_client_token_usage_count",
  "gen_ai_client_operation_duration_seconds_count",
  "http_server_request_duration_seconds_count",
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

/**
 * What each alerting rule compares with its threshold, as the load knows it; 0 where there is nothing to compare, for
 * those that speak of a day before, too.
 */
const COMPARED: Record<string, () => number> = {
  RagAvailabilityBudgetBurn: () => truth.failed / truth.requests,
  RagLatencyBudgetBurn: () => truth.slow / truth.queries,
  RagCacheHitDrop: () => truth.cache.ratio,
  RagZeroResults: () => truth.empty / truth.searches,
  RagTokenSpike: () => chatTokens() / truth.chats,
  RagCostSpike: () => truth.costTotal,
  RagProviderThrottled: () => truth.errors.llm_generation / truth.calls,
  RagColdStarts: () => truth.coldStarts / truth.requests,
  RagFunctionTimeouts: () => truth.timeouts / truth.requests,
  RagTelemetryAbsent: () => 0,
  RagTelemetryDropped: () => load.dropped / spansOf(load.asked),
  CollectorDown: () => 1,
  CollectorExportStalled: () => 0,
  CollectorQueueFilling: () => 0,
  CollectorLosingTelemetry: () => 0,
  CollectorRefusing: () => 0,
  CollectorSeriesLimit: () => seriesShare,
};

/** Those that the load gives reason for; all others stay quiet. */
const RAISED = [
  "RagAvailabilityBudgetBurn 1h",
  "RagAvailabilityBudgetBurn 6h",
  "RagAvailabilityBudgetBurn 1d",
  "RagProviderThrottled",
  "RagFunctionTimeouts",
];

let seriesShare: number;
const chatTokens = () => (truth.tokens[`prompt ${CHAT_MODEL}`] ?? 0) + (truth.tokens[`completion ${CHAT_MODEL}`] ?? 0);

describe("each alert's expression says of the load what is true", () => {
  beforeAll(async () => {
    seriesShare = (await stack.queries.value("otelcol_deltatocumulative_streams_tracked")) / 100_000;
  });

  test("all of them are checked, and no rule fails", async () => {
    const all = async () => (await stack.queries.rules()).flatMap(({ rules }) => rules);
    // A rule is evaluated for the first time up to its interval after the start.
    const rules = await eventually(all, (rules) => rules.every(({ health }) => health !== "unknown"), 90_000);
    expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
    const alerts = rules.filter(({ type }) => type === "alerting");
    expect([...new Set(alerts.map(({ name }) => name))].sort()).toEqual(Object.keys(COMPARED).sort());
    figure("panels and alerts checked against known values", "all of them", [
      `${panels.length} panels with ${panels.flatMap(({ targets = [] }) => targets).length} queries`,
      `${alerts.length} alerting rules`,
    ]);
  });

  test.each(Object.keys(COMPARED))("%s", async (name) => {
    const groups = await stack.queries.rules();
    const rules = groups.flatMap(({ rules }) => rules).filter((rule) => rule.type === "alerting" && rule.name === name);
    expect(rules.length).toBeGreaterThan(0);
    for (const { query, labels } of rules) {
      const [, compared = ""] = /^(.*?) [<>=]=? /s.exec(query) ?? [];
      const value = COMPARED[name]?.() ?? Number.NaN;
      const values = await prod(compared);
      for (const found of values) expect(found, compared).toBeCloseTo(value, 9);
      if (value !== 0) expect(values.length, compared).toBeGreaterThan(0);

      const raised = RAISED.includes(`${name} ${labels.window ?? ""}`.trim());
      const said = await prod(query);
      expect(said.length, query).toBe(raised ? 1 : 0);
      for (const found of said) expect(found, query).toBeCloseTo(value, 9);
    }
  });
});

/** What there is of the stage "prod", or of no stage. */
async function prod(query: string): Promise<number[]> {
  const samples = await stack.queries.query(query);
  return samples.filter(({ labels }) => labels.deployment_environment_name !== "staging").map(({ value }) => value);
}

function filledIn(target: Target): Target {
  return JSON.parse(interpolate(JSON.stringify(target), CHOICE)) as Target;
}

function ids(found: readonly string[]): string[] {
  return found.map((id) => id.padStart(32, "0")).sort();
}
