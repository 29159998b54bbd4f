import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { getMeter, getTracer } from "#telemetry/index.ts";
import { FaultyCollector, type Mode } from "../../tools/lambda/faulty-collector.ts";
import { telemetryWith } from "../_setup.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function start(mode: Mode = { kind: "healthy" }, settings: Parameters<typeof telemetryWith>[0] = {}) {
  const collector = await FaultyCollector.start(mode, { keepBodies: true });
  onTestFinished(() => collector.close());
  const telemetry = telemetryWith({ traces: "otlp", metrics: "otlp", endpoint: collector.url, ...settings });
  return {
    collector,
    telemetry,
    /** A query's worth of telemetry, `seconds` after the last. */
    async query(seconds: number) {
      vi.setSystemTime(Date.now() + seconds * 1_000);
      getTracer("mine").startSpan("span").end();
      getMeter("mine").createHistogram("mine").record(3);
      return telemetry.flush(2_000);
    },
    exported: (matching = {}) => collector.ledger.total("otel.sdk.exporter.span.exported", matching).value,
    requestsWithOwn: () => collector.requests.filter(({ text }) => text.includes("rag_telemetry")).length,
  };
}

test("metrics about telemetry wait for half a minute, add up, and are sent with others", async () => {
  const { query, exported, requestsWithOwn, collector } = await start();
  await query(1);
  expect(exported()).toBe(0);
  await query(1);
  expect(exported()).toBe(1);
  for (let second = 0; second < 10; second++) await query(1);
  expect(exported()).toBe(1);
  expect(requestsWithOwn()).toBe(1);
  await query(30);
  expect(exported()).toBe(12);
  expect(requestsWithOwn()).toBe(2);
  expect(collector.ledger.total("mine").count).toBe(13);
  expect(collector.ledger.duplicates).toBe(0);
});

test("nothing waits when no flush follows", async () => {
  const { query, exported, telemetry } = await start();
  for (let second = 0; second < 5; second++) await query(1);
  expect(exported()).toBe(1);
  await telemetry.flush(2_000, true);
  expect(exported()).toBe(5);
});

test("what went wrong is sent with the next flush", async () => {
  const { query, exported, collector } = await start();
  for (let second = 0; second < 3; second++) await query(1);
  await collector.become({ kind: "partial", rejected: 1 });
  await query(1);
  await collector.become({ kind: "healthy" });
  await query(1);
  expect(exported({ "error.type": "rejected" })).toBe(1);
});

test("nothing waits where a process ends without notice", async () => {
  const { query, exported } = await start({ kind: "healthy" }, { requestBound: { fetch } });
  for (let second = 0; second < 4; second++) await query(1);
  expect(exported()).toBe(3);
});

test("a histogram's point of one value has no extremes, which are its sum; others have", async () => {
  const { collector, telemetry } = await start();
  const histogram = getMeter("mine").createHistogram("mine");
  histogram.record(3, { of: "one" });
  for (const value of [5, 2]) histogram.record(value, { of: "two" });
  await telemetry.flush(2_000);
  const metrics = collector.requests.find(({ path }) => path === "/v1/metrics")?.text ?? "";
  const { dataPoints } = JSON.parse(metrics).resourceMetrics[0].scopeMetrics[0].metrics[0].histogram;
  expect(dataPoints).toMatchObject([
    { count: 1, sum: 3 },
    { count: 2, sum: 7, min: 2, max: 5 },
  ]);
  expect(dataPoints[0]).not.toHaveProperty("min");
  expect(dataPoints[0]).not.toHaveProperty("max");
});
