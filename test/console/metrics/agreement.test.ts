import { afterAll, beforeAll, expect, it } from "vitest";
import type { MetricsView } from "#console/contract.ts";
import { createOwnMetrics } from "#console/telemetry/metrics/own-source.ts";
import { createPrometheusMetrics } from "#console/telemetry/metrics/prometheus-source.ts";
import type { MetricsSource } from "#console/telemetry/sources.ts";
import { NOW, record } from "./_fleet.ts";
import { type PrometheusServer, startPrometheus } from "./_prometheus.ts";

const recording = record();
let server: PrometheusServer;
let prometheus: MetricsSource;
let own: MetricsSource;

beforeAll(async () => {
  server = await startPrometheus(recording.openMetrics);
  prometheus = createPrometheusMetrics({ url: server.url, service: "edge-rag", now: () => NOW });

  let now = 0;
  const received = createOwnMetrics({ service: "edge-rag", now: () => now });
  for (const { at, payload } of recording.exports) {
    now = at;
    received.add(payload);
  }
  now = NOW;
  own = received;
});

afterAll(() => server?.stop());

it.each([5, 15, 60])("shows of %d minutes what Prometheus computes from the same exports", async (minutes) => {
  const [ours, theirs] = [await own.view(minutes), await prometheus.view(minutes)];
  expect(rounded(ours)).toEqual(rounded(theirs));
});

it("compares numbers and graphs that have values", async () => {
  const { numbers, graphs } = await prometheus.view(60);
  expect(numbers.filter(({ value }) => value === null).map(({ title }) => title)).toEqual([]);
  expect(graphs.filter(({ series }) => series.length === 0).map(({ title }) => title)).toEqual([]);
  const values = graphs.flatMap(({ series }) => series.flatMap((one) => one.values));
  expect(values).toContain(null);
});

it("links the dashboard with the same service and time", async () => {
  const options = { url: server.url, grafana: "http://localhost:3001", service: "edge-rag", now: () => NOW };
  const { grafana_url } = await createPrometheusMetrics(options).view(15);
  expect(grafana_url).toBe("http://localhost:3001/d/rag-pipeline?from=now-15m&to=now&var-service=edge-rag");
});

/** Without the last digits, which depend on the order of additions. */
function rounded({ numbers, graphs, ...rest }: MetricsView): MetricsView {
  return {
    ...rest,
    numbers: numbers.map((number) => ({ ...number, value: round(number.value) })),
    graphs: graphs.map((graph) => ({
      ...graph,
      series: graph.series.map((series) => ({ ...series, values: series.values.map(round) })),
    })),
  };
}

function round(value: number | null): number | null {
  return value === null || value === 0 ? value : Number(value.toPrecision(9));
}
