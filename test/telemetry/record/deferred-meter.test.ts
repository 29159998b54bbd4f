import type { ObservableResult } from "@opentelemetry/api";
import { MeterProvider, type MetricData } from "@opentelemetry/sdk-metrics";
import { expect, test } from "vitest";
import { DeferredMeterProvider } from "#telemetry/record/deferred-meter.ts";
import { FlushReader } from "#telemetry/record/flush-reader.ts";

function start() {
  let full = 0;
  const late = new DeferredMeterProvider(() => {
    full += 1;
  });
  const reader = new FlushReader();
  const real = new MeterProvider({ readers: [reader] });
  return {
    late,
    real,
    full: () => full,
    /** Names with their points, as `[value, attributes]`. */
    async taken() {
      const metrics = (await reader.take())?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      return Object.fromEntries(metrics.map((metric) => [metric.descriptor.name, points(metric)]));
    },
  };
}

function points({ dataPoints }: MetricData) {
  return dataPoints.map(({ value, attributes }) => [typeof value === "number" ? value : value.sum, attributes]);
}

test("an instrument is created with its first value", async () => {
  const { late, real, taken } = start();
  const made: string[] = [];
  const meter = late.getMeter("mine");
  const [used] = ["used", "unused"].map((name) => meter.createCounter(name));
  late.connect({
    getMeter(...scope) {
      const meter = real.getMeter(...scope);
      const createCounter: typeof meter.createCounter = (name, options) => {
        made.push(name);
        return meter.createCounter(name, options);
      };
      return Object.create(meter, { createCounter: { value: createCounter } });
    },
  });
  expect(made).toEqual([]);
  for (const value of [1, 2]) used?.add(value);
  late.replay();
  expect(made).toEqual(["used"]);
  expect(await taken()).toEqual({ used: [[3, {}]] });
});

test("recordings from before the SDK was loaded are replayed, together with later ones", async () => {
  const { late, real, taken } = start();
  const meter = late.getMeter("mine", "1.0");
  const counter = meter.createCounter("counter", { unit: "{x}" });
  const level = meter.createUpDownCounter("level");
  const sizes = meter.createHistogram("sizes", { advice: { explicitBucketBoundaries: [1] } });
  const gauge = meter.createGauge("gauge");
  expect(late.isEmpty).toBe(true);
  counter.add(1, { a: "b" });
  counter.add(2, { a: "b" });
  level.add(-3);
  sizes.record(4);
  gauge.record(5);
  gauge.record(6);
  expect(late.isEmpty).toBe(false);

  late.connect(real);
  expect(late.isEmpty).toBe(true);
  expect(await taken()).toEqual({ counter: [[3, { a: "b" }]], level: [[-3, {}]], sizes: [[4, {}]], gauge: [[6, {}]] });

  counter.add(7);
  expect(await taken()).not.toHaveProperty("counter");
  late.replay();
  expect(await taken()).toMatchObject({ counter: [[7, {}]] });
});

test("an instrument created later works as well", async () => {
  const { late, real, taken } = start();
  late.connect(real);
  late.getMeter("mine").createCounter("counter").add(1);
  late.replay();
  expect(await taken()).toEqual({ counter: [[1, {}]] });
});

test("callbacks of observables are called once the SDK is loaded, and no longer after they are removed", async () => {
  const { late, real, taken } = start();
  const meter = late.getMeter("mine");
  const seen = (value: number) => (result: ObservableResult) => result.observe(value);
  const [one, other] = [seen(1), seen(2)];
  meter.createObservableGauge("gauge").addCallback(one);
  meter.createObservableUpDownCounter("level").addCallback(other);
  const total = meter.createObservableCounter("total");
  const more = meter.createObservableCounter("more");
  const batch = (result: Parameters<Parameters<typeof meter.addBatchObservableCallback>[0]>[0]) => {
    result.observe(total, 3, { a: "b" });
    result.observe(more, 4);
  };
  meter.addBatchObservableCallback(batch, [total, more]);
  late.connect(real);
  expect(await taken()).toEqual({
    gauge: [[1, {}]],
    level: [[2, {}]],
    total: [[3, { a: "b" }]],
    more: [[4, {}]],
  });
  meter.removeBatchObservableCallback(batch, [total, more]);
  const gauge = meter.createObservableGauge("another");
  gauge.addCallback(one);
  gauge.removeCallback(one);
  const after = await taken();
  for (const name of ["total", "more", "another"]) expect(after).not.toHaveProperty(name);
});

test("a process that is never flushed defers a bounded number of recordings and loses none", async () => {
  const { late, real, full, taken } = start();
  const counter = late.getMeter("mine").createCounter("counter");
  for (let recording = 0; recording < 9_999; recording += 1) counter.add(1);
  expect(full()).toBe(0);
  counter.add(1);
  expect(full()).toBe(1);
  late.connect(real);
  for (let recording = 0; recording < 10_000; recording += 1) counter.add(1);
  expect(late.isEmpty).toBe(true);
  expect(await taken()).toEqual({ counter: [[20_000, {}]] });
});
