import { committedPanels, interpolate, type Panel } from "../../stack/_dashboard.ts";
import { eventually, startStack, type TestStack } from "../../stack/_stack.ts";
import { runLoad } from "./load.ts";

/** Step and rate window of graphs, as in the dashboard. */
const STEP_SECONDS = 15;
const INTERVAL_SECONDS = 60;

export interface Series {
  name: string;
  /** Seconds since the epoch, and a value. */
  points: [time: number, value: number][];
}

/** A panel with the results of its own queries. */
export interface RecordedPanel {
  panel: Panel;
  series: Series[];
  exemplars: [time: number, value: number][];
}

export interface RecordedDashboard {
  minutes: number;
  panels: RecordedPanel[];
}

/** Runs scripted load against a real collector, then the panels' own queries against a real Prometheus. */
export async function recordDashboard(minutes: number, titles: readonly string[]): Promise<RecordedDashboard> {
  const stack = await startStack();
  try {
    const start = Math.floor(Date.now() / 1_000);
    await runLoad(minutes * 60_000, stack.urls.otlp);
    await untilSettled(stack);
    const panels = committedPanels().filter(({ title }) => titles.includes(title));
    const end = Math.floor(Date.now() / 1_000);
    return { minutes, panels: await Promise.all(panels.map((panel) => record(stack, panel, start, end))) };
  } finally {
    await stack.down();
  }
}

/** Waits until two consecutive scrapes are equal. */
async function untilSettled(stack: TestStack): Promise<void> {
  let last = -1;
  await eventually(
    async () => {
      const now = await stack.queries.value("sum(rag_query_duration_seconds_count)");
      const same = now === last;
      last = now;
      if (!same) await new Promise((resolve) => setTimeout(resolve, 16_000));
      return same;
    },
    (same) => same,
    90_000,
  );
}

async function record(stack: TestStack, panel: Panel, start: number, end: number): Promise<RecordedPanel> {
  const isGraph = panel.type === "timeseries";
  const choice = {
    service: "edge-rag",
    environment: "prod",
    function: ".*",
    slow: "1s",
    windowSeconds: isGraph ? INTERVAL_SECONDS : end - start,
  };
  const series: Series[] = [];
  const exemplars: [number, number][] = [];
  for (const { expr = "", legendFormat = "", exemplar } of panel.targets ?? []) {
    const query = interpolate(expr, choice);
    const range = isGraph ? { start: String(start), end: String(end), step: String(STEP_SECONDS) } : undefined;
    for (const { metric, values } of await runQuery(stack.urls.prometheus, query, range)) {
      const name = legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "");
      series.push({ name, points: values.map(([time, value]) => [time, Number(value)]) });
    }
    if (exemplar) {
      const found = await exemplarsOf(stack.urls.prometheus, query, start, end);
      exemplars.push(...found);
    }
  }
  return { panel, series, exemplars };
}

interface Result {
  metric: Record<string, string>;
  values: [number, string][];
}

/** Runs a range query, or an instant query without a range. */
async function runQuery(url: string, query: string, range?: Record<string, string>): Promise<Result[]> {
  const parameters = new URLSearchParams({ query, ...range });
  const response = await fetch(`${url}/api/v1/query${range ? "_range" : ""}?${parameters}`);
  const { data, error } = (await response.json()) as {
    data?: { result: (Result & { value?: [number, string] })[] };
    error?: string;
  };
  if (!data) throw new Error(`Prometheus: ${error}: ${query}`);
  return data.result.map(({ metric, values, value }) => ({ metric, values: values ?? (value ? [value] : []) }));
}

async function exemplarsOf(url: string, query: string, start: number, end: number): Promise<[number, number][]> {
  const parameters = new URLSearchParams({ query, start: String(start), end: String(end) });
  const response = await fetch(`${url}/api/v1/query_exemplars?${parameters}`);
  const { data } = (await response.json()) as { data: { exemplars: { timestamp: number; value: string }[] }[] };
  return data
    .flatMap(({ exemplars }) => exemplars.map(({ timestamp, value }) => [timestamp, Number(value)] as const))
    .map(([time, value]) => [time, value]);
}
