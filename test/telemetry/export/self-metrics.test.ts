import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { getTracer } from "#telemetry/index.ts";
import { FaultyCollector, type Mode } from "../../tools/lambda/faulty-collector.ts";
import { telemetryWith } from "../_setup.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function start(mode: Mode) {
  const collector = await FaultyCollector.start(mode);
  onTestFinished(() => collector.close());
  const telemetry = telemetryWith({ traces: "otlp", metrics: "otlp", endpoint: collector.url });
  return {
    collector,
    telemetry,
    async flush(spans = 0) {
      for (let i = 0; i < spans; i++) getTracer("mine").startSpan("span").end();
      const result = await telemetry.flush(2_000);
      vi.setSystemTime(Date.now() + 40_000);
      return result;
    },
    total: (name: string, matching = {}) => collector.ledger.total(name, matching).value,
  };
}

test("says with the next flush what the last one exported, and how long that took", async () => {
  const { flush, total, collector, telemetry } = await start({ kind: "healthy" });
  await flush(3);
  await flush();
  expect(total("otel.sdk.exporter.span.exported")).toBe(3);
  expect(collector.ledger.total("otel.sdk.exporter.operation.duration", { signal: "traces" }).count).toBe(1);
  expect(collector.ledger.total("rag_telemetry_flush_duration_seconds", { signal: "traces" }).count).toBe(1);
  const seconds = total("rag_telemetry_flush_duration_seconds", { signal: "traces" });
  expect(seconds).toBeLessThanOrEqual(telemetry.state().flush.max_ms / 1_000);
});

test("says nothing of what it said itself", async () => {
  const { flush, collector } = await start({ kind: "healthy" });
  await flush(3);
  await flush();
  const { length } = collector.requests;
  for (let i = 0; i < 3; i++) expect(await flush()).toEqual({ ok: true, errors: [] });
  expect(collector.requests).toHaveLength(length);
});

test("says why spans were dropped, as the conventions have it", async () => {
  const { flush, total, collector } = await start({ kind: "status", status: 400 });
  await flush(2);
  await collector.become({ kind: "partial", rejected: 1 });
  await flush(3);
  await collector.become({ kind: "healthy" });
  await flush();
  expect(total("otel.sdk.exporter.span.exported", { "error.type": "400" })).toBe(2);
  expect(total("otel.sdk.exporter.span.exported", { "error.type": "rejected" })).toBe(1);
  expect(total("otel.sdk.exporter.span.exported", { "error.type": undefined })).toBe(2);
});

test("says how much waited and when the collector was given up, once it is back", async () => {
  const { flush, collector, total, telemetry } = await start({ kind: "status", status: 503 });
  await flush(2);
  await flush(2);
  expect(telemetry.state()).toMatchObject({ exported: 0, dropped: 0, breaker: "open" });
  await collector.become({ kind: "healthy" });
  await flush(1);
  await vi.waitFor(async () => {
    expect((await flush()).ok).toBe(true);
    expect(total("rag_telemetry_breaker_opened_total", { signal: "traces" })).toBe(1);
  });
  // Two of the first flush and two of the second, each counted once; the fifth found the collector back.
  expect(total("rag_telemetry_retained_total", { signal: "traces" })).toBe(4);
  expect(total("otel.sdk.exporter.span.exported")).toBe(5);
  const failed = { signal: "traces", "error.type": "503" };
  expect(collector.ledger.total("otel.sdk.exporter.operation.duration", failed).count).toBe(2);
});

test("the state counts spans and data points, and the flushes", async () => {
  const { flush, telemetry } = await start({ kind: "healthy" });
  expect(telemetry.state()).toEqual({
    exported: 0,
    retained: 0,
    dropped: 0,
    breaker: "closed",
    flush: { count: 0, last_ms: 0, max_ms: 0 },
  });
  await flush(5);
  const { flush: times, ...state } = telemetry.state();
  expect(state).toEqual({ exported: 5, retained: 0, dropped: 0, breaker: "closed" });
  expect(times.count).toBe(1);
  expect(times.last_ms).toBeGreaterThan(0);
  expect(times.max_ms).toBe(times.last_ms);
});

test("without exporters there is no breaker", () => {
  const { breaker } = telemetryWith({ traces: "none", metrics: "none" }).state();
  expect(breaker).toBe("none");
});
