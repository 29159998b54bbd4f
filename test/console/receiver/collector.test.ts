import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { buildModule } from "../../../local-stack/native/build.ts";
import { startServer } from "../../support/server-process.ts";
import { startRecording } from "./_receiver.ts";

const REQUESTS = 40;
const SPANS = 50;

let program: string;
beforeAll(() => {
  program = buildModule("collector");
}, 900_000);

/** A collector that forwards everything. @returns its URL for OTLP/HTTP */
async function startCollector(endpoint: string, encoding: string, compression: string): Promise<string> {
  const exporter = { endpoint, encoding, compression, sending_queue: { num_consumers: 10 } };
  const pipeline = { receivers: ["otlp"], processors: ["batch"], exporters: ["otlp_http"] };
  const configOf = (port: number) => ({
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: { batch: { send_batch_size: 128, send_batch_max_size: 128, timeout: "100ms" } },
    exporters: { otlp_http: exporter },
    service: { telemetry: { metrics: { level: "none" } }, pipelines: { traces: pipeline, metrics: pipeline } },
  });
  const collector = await startServer({
    name: "collector",
    command: program,
    args(port) {
      const file = join(tmpdir(), `edge-rag-forwarding-${port}.yaml`);
      // JSON is YAML.
      writeFileSync(file, JSON.stringify(configOf(port)));
      onTestFinished(() => rmSync(file));
      return [`--config=${file}`];
    },
  });
  onTestFinished(() => collector.stop());
  return collector.url;
}

async function send(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  expect([response.status, await response.json()]).toEqual([200, { partialSuccess: {} }]);
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
const resource = { attributes: [{ key: "service.name", value: { stringValue: "judge" } }] };

function tracesOf(request: number): object {
  const spans = Array.from({ length: SPANS }, (_, index) => ({
    traceId: hex(request + 1, 32),
    spanId: hex(request * SPANS + index + 1, 16),
    ...(index > 0 && { parentSpanId: hex(request * SPANS + 1, 16) }),
    name: `span ${index}`,
    kind: index === 0 ? 2 : 3,
    startTimeUnixNano: "1700000000123456789",
    endTimeUnixNano: "1700000000223456789",
    attributes: [
      { key: "zero", value: { intValue: "0" } },
      { key: "bytes", value: { bytesValue: "AAH/" } },
      { key: "list", value: { arrayValue: { values: [{ stringValue: "ü" }, { boolValue: false }] } } },
    ],
    events: [{ timeUnixNano: "1700000000133456789", name: "event" }],
    links: [{ traceId: hex(9, 32), spanId: hex(9, 16) }],
    status: { code: 2, message: "failed" },
  }));
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "library", version: "1" }, spans }] }] };
}

function metricsOf(request: number): object {
  const at = { startTimeUnixNano: "1700000000000000001", timeUnixNano: "1700000000000000002" };
  const point = { ...at, attributes: [{ key: "request", value: { intValue: String(request) } }] };
  const buckets = { offset: -1, bucketCounts: ["1", "2"] };
  const metrics = [
    { name: "sum", sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...point, asInt: "3" }] } },
    { name: "gauge", gauge: { dataPoints: [{ ...point, asDouble: 0 }] } },
    {
      name: "histogram",
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ ...point, count: "3", sum: 0, bucketCounts: ["1", "2"], explicitBounds: [0.5] }],
      },
    },
    {
      name: "exponential",
      exponentialHistogram: {
        aggregationTemporality: 1,
        dataPoints: [{ ...point, count: "4", sum: 6, scale: -2, zeroCount: "1", positive: buckets }],
      },
    },
    {
      name: "summary",
      summary: { dataPoints: [{ ...point, count: "2", sum: 3, quantileValues: [{ quantile: 0.5, value: 1.5 }] }] },
    },
  ];
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "library" }, metrics }] }] };
}

it.each([
  ["proto", "gzip"],
  ["proto", "none"],
  ["json", "gzip"],
  ["json", "none"],
])("takes all that the real collector forwards as %s with compression %s", async (encoding, compression) => {
  const recording = await startRecording();
  const url = await startCollector(recording.url, encoding, compression);
  const requests = Array.from({ length: REQUESTS }, (_, request) => request);
  await Promise.all(
    requests.flatMap((request) => [
      send(`${url}/v1/traces`, tracesOf(request)),
      send(`${url}/v1/metrics`, metricsOf(request)),
    ]),
  );
  const pointsIn = () => recording.metrics.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
  while (recording.spans.length < REQUESTS * SPANS || pointsIn() < REQUESTS * 5) await delay(50);
  // More would be too many.
  await delay(500);

  const ids = recording.spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`);
  expect([ids.length, new Set(ids).size, pointsIn()]).toEqual([REQUESTS * SPANS, REQUESTS * SPANS, REQUESTS * 5]);
  expect(recording.spans.find(({ spanId }) => spanId === hex(2, 16))).toEqual({
    resource: { attributes: { "service.name": "judge" } },
    scope: { name: "library", version: "1", attributes: {} },
    ...{ traceId: hex(1, 32), spanId: hex(2, 16), parentSpanId: hex(1, 16), name: "span 1", kind: "client" },
    startTimeUnixNano: 1_700_000_000_123_456_789n,
    endTimeUnixNano: 1_700_000_000_223_456_789n,
    attributes: { zero: 0, bytes: "AAH/", list: ["ü", false] },
    events: [{ timeUnixNano: 1_700_000_000_133_456_789n, name: "event", attributes: {} }],
    links: [{ traceId: hex(9, 32), spanId: hex(9, 16), attributes: {} }],
    status: { code: "error", message: "failed" },
  });
  const ofFirst = recording.metrics.filter(({ dataPoints }) =>
    dataPoints.some(({ attributes }) => attributes.request === 0),
  );
  const zeros = { offset: 0, bucketCounts: [] };
  expect(Object.fromEntries(ofFirst.map((metric) => [metric.name, metric]))).toMatchObject({
    sum: { type: "sum", temporality: "delta", isMonotonic: true, dataPoints: [{ value: 3 }] },
    gauge: { type: "gauge", dataPoints: [{ value: 0, timeUnixNano: 1_700_000_000_000_000_002n }] },
    histogram: {
      ...{ type: "histogram", temporality: "cumulative" },
      dataPoints: [{ count: 3, sum: 0, bucketCounts: [1, 2], explicitBounds: [0.5] }],
    },
    exponential: {
      type: "exponentialHistogram",
      dataPoints: [
        { count: 4, scale: -2, zeroCount: 1, positive: { offset: -1, bucketCounts: [1, 2] }, negative: zeros },
      ],
    },
    summary: { type: "summary", dataPoints: [{ count: 2, sum: 3, quantileValues: [{ quantile: 0.5, value: 1.5 }] }] },
  });
});
