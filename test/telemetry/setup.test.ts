import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as surface from "#telemetry/index.ts";
import { pointsOf, recordingTelemetry, spanNamed } from "./_setup.ts";

const { getMeter, getTracer } = surface;

test("the module exports three functions", () => {
  expect(Object.keys(surface).sort()).toEqual(["getMeter", "getTracer", "setupTelemetry"]);
});

test("before set-up, tracers and meters are no-ops", () => {
  const span = getTracer("mine").startSpan("mine");
  expect(span.isRecording()).toBe(false);
  span.end();
  expect(() => getMeter("mine").createCounter("mine").add(1)).not.toThrow();
});

test("a tracer created before set-up records after it", async () => {
  const early = getTracer("early");
  const { spans } = recordingTelemetry();
  early.startSpan("mine").end();
  expect(spanNamed(await spans(), "mine").instrumentationScope.name).toBe("early");
});

test("a user's own spans and instruments are exported too", async () => {
  const { spans, metrics } = recordingTelemetry();
  getTracer("mine").startActiveSpan("outer", (outer) => {
    getTracer("mine").startSpan("inner").end();
    outer.end();
  });
  getMeter("mine").createCounter("mine").add(3);
  getMeter("mine").createUpDownCounter("level").add(2);
  const outer = spanNamed(await spans(), "outer").spanContext().spanId;
  expect(spanNamed(await spans(), "inner").parentSpanContext?.spanId).toBe(outer);
  expect(pointsOf(await metrics(), "mine")).toEqual([{ attributes: {}, value: 3 }]);
  expect(pointsOf(await metrics(), "level")[0]).toEqual({ attributes: {}, value: 2 });
});

test("a second set-up works independently of the first, which keeps the globals until its shutdown", async () => {
  const first = recordingTelemetry();
  const second = recordingTelemetry();
  getTracer("mine").startSpan("mine").end();
  await second.telemetry.traceIngest(async () => ({ documents: [], usage: { tokens: 0 } }))([]);
  expect((await first.spans()).map(({ name }) => name)).toEqual(["mine"]);
  expect((await second.spans()).map(({ name }) => name)).toEqual(["rag.ingest"]);

  await first.telemetry.shutdown();
  expect(getTracer("other").startSpan("other").isRecording()).toBe(false);
  const third = recordingTelemetry();
  getTracer("mine").startSpan("again").end();
  expect((await third.spans()).map(({ name }) => name)).toEqual(["again"]);
});

test("each set-up has its own service.instance.id", async () => {
  const instances = await Promise.all(
    [recordingTelemetry(), recordingTelemetry()].map(async ({ telemetry, spans }) => {
      await telemetry.traceIngest(async () => ({ documents: [], usage: { tokens: 0 } }))([]);
      return (await spans())[0]?.resource.attributes["service.instance.id"];
    }),
  );
  expect(new Set(instances).size).toBe(2);
});

test("without exporters everything still works", async () => {
  const { telemetry } = recordingTelemetry();
  await telemetry.shutdown();
  expect(await telemetry.flush(100)).toEqual({ ok: true, errors: [] });
});

test("lib/telemetry reads no environment variable and does not import semantic-conventions", () => {
  const files = globSync("lib/telemetry/**/*.ts");
  expect(files.length).toBeGreaterThan(40);
  for (const file of files) {
    const source = readFileSync(file, "utf8");
    expect(source).not.toContain("process.env");
    expect(source).not.toMatch(/from "@opentelemetry\/semantic-conventions/);
  }
});
