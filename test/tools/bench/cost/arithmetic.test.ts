import { expect, it } from "vitest";
import { atShare, breakEvenMs, computeCost, layerCost, queriesCost, telemetryCost } from "./arithmetic.ts";

/** Round rates: a GB-second costs a thousandth of a dollar. */
const RATES = { compute: 0.001, invocations: 1, transfer: 0.1 };
const FUNCTION = { memoryMb: 512, queryMs: 100, coldShare: 0.01 };
const SENT = { billedMs: 4, bytes: 20_000 };

it("prices memory by time", () => {
  // 1e6 × 0.5 GB × 0.1 s = 50,000 GB-s.
  expect(computeCost(512, 100, RATES)).toBeCloseTo(50);
  expect(queriesCost(FUNCTION, RATES)).toBeCloseTo(51);
});

it("adds up compute, init and transfer of a million queries", () => {
  const cost = telemetryCost(SENT, 20, FUNCTION, RATES);
  // 2,000 GB-s; 1e4 starts × 0.5 GB × 0.02 s = 100 GB-s; 20 GB.
  expect(cost.compute).toBeCloseTo(2);
  expect(cost.init).toBeCloseTo(0.1);
  expect(cost.transfer).toBeCloseTo(2);
  expect(cost.total).toBeCloseTo(4.1);
});

it("charges a layer's memory while the function runs, and its init", () => {
  const layer = layerCost(SENT, 10_000, 20, { memoryMb: 256, initMs: 200 }, FUNCTION, RATES);
  // 2 + 1e6 × 0.25 GB × 0.104 s / 1000.
  expect(layer.compute).toBeCloseTo(2 + 26);
  // 1e4 starts of 0.75 GB: 0.02 s, and 0.2 s more.
  expect(layer.init).toBeCloseTo(0.15 + 1.5);
  expect(layer.transfer).toBeCloseTo(1);
  expect(layer.total).toBeCloseTo(30.65);
});

it("costs the same with a layer that needs neither memory nor init time", () => {
  const free = { memoryMb: 0, initMs: 0 };
  expect(layerCost(SENT, SENT.bytes, 20, free, FUNCTION, RATES)).toEqual(telemetryCost(SENT, 20, FUNCTION, RATES));
});

it("returns the collector latency at which waiting costs as much as a layer", () => {
  const own = telemetryCost(SENT, 20, FUNCTION, RATES);
  const farther = telemetryCost({ ...SENT, billedMs: SENT.billedMs + 30 }, 20, FUNCTION, RATES);
  expect(breakEvenMs(own, farther, FUNCTION, RATES)).toBeCloseTo(30);
});

it.each([
  [1, { billedMs: 4, bytes: 20_000 }],
  [0.1, { billedMs: 2.2, bytes: 11_000 }],
  [0, { billedMs: 2, bytes: 10_000 }],
])("averages traced and untraced queries at a traced share of %d", (share, mixed) => {
  const { billedMs, bytes } = atShare(share, SENT, { billedMs: 2, bytes: 10_000 });
  expect(billedMs).toBeCloseTo(mixed.billedMs);
  expect(bytes).toBeCloseTo(mixed.bytes);
});
