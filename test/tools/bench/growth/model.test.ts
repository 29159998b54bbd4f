import { expect, it } from "vitest";
import { needsOf, predict, type Use } from "./model.ts";

const RATES = { compute: 0.001, invocations: 1, transfer: 0.1 };
const USE: Use = {
  cpuMs: 5,
  traceBytes: 6_000,
  metricBytes: 4_000,
  collector: { cpuMs: 1, idleMemory: 80e6, memoryPerRate: 1e5, series: 500 },
};
/** A whole core. */
const FUNCTION = { memoryMb: 1_769, queryMs: 995 };

it("needs as many environments as queries arrive while one runs, and spare ones for chance", () => {
  const { perSecond, billedMs, environments } = needsOf(360_000, USE, FUNCTION, RATES);
  expect([perSecond, billedMs, environments.mean]).toEqual([100, 1_000, 100]);
  expect(environments.peak).toBeCloseTo(130);
});

it("computes longer where the memory brings less than a core, and no faster where it brings more", () => {
  expect(needsOf(3_600, USE, { memoryMb: 1_769 / 2, queryMs: 0 }, RATES).billedMs).toBeCloseTo(10);
  expect(needsOf(3_600, USE, { memoryMb: 1_769 * 2, queryMs: 0 }, RATES).billedMs).toBeCloseTo(5);
});

it("adds up what all queries take, but has the same series at any rate", () => {
  const needs = needsOf(3_600_000, USE, { memoryMb: 1_024, queryMs: 1_000 - 5 / (1_024 / 1_769) }, RATES);
  expect(needs.telemetry).toBe(10_000_000);
  expect(needs.collectorCores).toBe(1);
  expect(needs.collectorMemory).toBe(180e6);
  expect(needs.series).toBe(500);
  expect(needs.gbSeconds).toBeCloseTo(3.6e6);
  expect(needs.usd.compute).toBeCloseTo(3_600);
  expect(needs.usd.invocations).toBeCloseTo(3.6);
  expect(needs.usd.transfer).toBeCloseTo(3.6);
  expect(needs.usd.total).toBeCloseTo(3_607.2);
});

it("predicts what a query takes by the mean, and sums in proportion to the environments", () => {
  const points = [
    { environments: 1, value: 90 },
    { environments: 10, value: 1_100 },
  ];
  expect(predict(points, { environments: 100, value: 8_000 }, "with environments")).toEqual({
    predicted: 10_000,
    error: 0.25,
  });
  expect(predict(points, { environments: 100, value: 1_190 }, "never")).toEqual({ predicted: 595, error: -0.5 });
});
