import { spawnSync } from "node:child_process";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { getMeter, getTracer, type TelemetrySettings } from "#telemetry/index.ts";
import { FaultyCollector, type Mode } from "../../tools/lambda/faulty-collector.ts";
import { telemetryWith } from "../_setup.ts";

/** Telemetry with OpenTelemetry's own exporters, and one span and one increment recorded. */
async function record(mode: Mode, settings: Partial<TelemetrySettings> = {}) {
  const collector = await FaultyCollector.start(mode, { keepBodies: true });
  onTestFinished(() => collector.close());
  const telemetry = telemetryWith({
    otlpExporter: "opentelemetry",
    traces: "otlp",
    metrics: "otlp",
    endpoint: collector.url,
    timeoutMs: 1_000,
    ...settings,
  });
  getTracer("mine").startSpan("invocation").end();
  getMeter("mine").createCounter("mine").add(3);
  return { collector, telemetry };
}

describe("with RAG_OTLP_EXPORTER=opentelemetry", () => {
  it.each(["none", "gzip"] as const)("spans and metrics arrive, with compression %s", async (compression) => {
    const { collector, telemetry } = await record(
      { kind: "healthy" },
      { compression, headers: { authorization: "Bearer canary" } },
    );
    expect(await telemetry.flush(5_000)).toEqual({ ok: true, errors: [] });
    expect(collector.requests.map(({ path }) => path).toSorted()).toEqual(["/v1/metrics", "/v1/traces"]);
    for (const { headers } of collector.requests) {
      expect(headers["user-agent"]).toMatch(/^OTel-OTLP-Exporter-JavaScript\//);
      expect(headers.authorization).toBe("Bearer canary");
      expect(headers["content-encoding"]).toBe(compression === "gzip" ? "gzip" : undefined);
    }
    expect(collector.malformed).toEqual([]);
    expect(telemetry.state()).toMatchObject({ exported: 2, retained: 0, dropped: 0, breaker: "closed" });
  });

  it("a collector that is down costs a flush no more than its budget, and receives everything once it is back", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { collector, telemetry } = await record({ kind: "refuse" });
    const { ok } = await telemetry.flush(50);
    expect(ok).toBe(false);
    expect(telemetry.state()).toMatchObject({ exported: 0, dropped: 0, breaker: "open" });
    await collector.become({ kind: "healthy" });
    await vi.waitFor(
      async () => {
        vi.setSystemTime(Date.now() + 60_000);
        expect(await telemetry.flush(5_000)).toEqual({ ok: true, errors: [] });
      },
      { timeout: 20_000 },
    );
    expect(telemetry.state()).toMatchObject({ retained: 0, dropped: 0, breaker: "closed" });
    expect(collector.requests.filter(({ text }) => text.includes('"invocation"'))).toHaveLength(1);
  });

  it("a batch that the collector rejects for good is dropped", async () => {
    const { telemetry } = await record({ kind: "status", status: 400 }, { metrics: "none" });
    expect(await telemetry.flush(5_000)).toEqual({ ok: false, errors: ["traces: HTTP 400"] });
    expect(telemetry.state()).toMatchObject({ exported: 0, retained: 0, dropped: 1, breaker: "closed" });
  });

  it("a batch is retained when the key is wrong", async () => {
    const { telemetry } = await record({ kind: "status", status: 401 }, { metrics: "none" });
    expect(await telemetry.flush(5_000)).toEqual({ ok: false, errors: ["traces: HTTP 401"] });
    expect(telemetry.state()).toMatchObject({ exported: 0, retained: 1, dropped: 0, breaker: "open" });
  });

  it("a batch that cannot be serialized is dropped, not retried", async () => {
    const { collector, telemetry } = await record({ kind: "healthy" }, { metrics: "none" });
    const span = getTracer("mine").startSpan("broken");
    span.end();
    Object.assign(span, { endTime: null });
    expect(await telemetry.flush(5_000)).toEqual({ ok: false, errors: ["traces: TypeError"] });
    expect(telemetry.state()).toMatchObject({ exported: 0, retained: 0, dropped: 2, breaker: "closed" });
    expect(collector.requests).toEqual([]);
  });
});

it.each([
  ["built-in", []],
  ["opentelemetry", ["exporter-metrics-otlp-http", "exporter-trace-otlp-http"]],
])("with %s, of OpenTelemetry's exporters are loaded %j", async (otlpExporter, packages) => {
  const script = `
    const { createRequire } = await import("node:module");
    const { setupTelemetry, getTracer } = await import("#telemetry/index.ts");
    const { readConfig } = await import("#config/env.ts");
    const telemetry = setupTelemetry(readConfig().telemetry);
    getTracer("mine").startSpan("invocation").end();
    await telemetry.flush(2_000);
    const loaded = Object.keys(createRequire(import.meta.url).cache).flatMap(
      (path) => /@opentelemetry\\/(exporter-[a-z-]+)/.exec(path)?.[1] ?? [],
    );
    process.stdout.write(JSON.stringify([...new Set(loaded)].sort()));
    process.exit(0);`;
  const env = {
    ...process.env,
    RAG_OTLP_EXPORTER: otlpExporter,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    OTEL_EXPORTER_OTLP_TIMEOUT: "500",
  };
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    env,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual(packages);
});
