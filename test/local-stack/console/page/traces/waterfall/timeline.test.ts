import { expect, test } from "vitest";
import { barOf, extentOf, ticksOf } from "#console/page/traces/waterfall/timeline.ts";
import { span } from "../_spans.ts";

test("A waterfall shows the time from the first start to the last end, clocks that differ included", () => {
  const spans = [
    span("root", { start_ms: 0, duration_ms: 100 }),
    span("early", { start_ms: -20, duration_ms: 10 }),
    span("late", { start_ms: 90, duration_ms: 90 }),
  ];
  expect(extentOf(spans)).toEqual({ from_ms: -20, to_ms: 180 });
});

test("A bar lies in the waterfall as its span in time", () => {
  expect(barOf(span("a", { start_ms: 50, duration_ms: 100 }), { from_ms: 0, to_ms: 200 })).toEqual({
    left: 25,
    width: 50,
  });
});

test("A trace that took no time has finite bars and ticks", () => {
  const extent = extentOf([span("a", { start_ms: 0, duration_ms: 0 })]);
  expect(barOf(span("a", { start_ms: 0, duration_ms: 0 }), extent)).toEqual({ left: 0, width: 0 });
  expect(ticksOf(extent, 5).length).toBeGreaterThan(0);
  expect(ticksOf(extentOf([]), 5).length).toBeGreaterThan(0);
});

test.each([
  [864, 5, [0, 200, 400, 600, 800]],
  [99, 5, [0, 20, 40, 60, 80]],
  [1, 3, [0, 0.5, 1]],
  [65_000, 5, [0, 20_000, 40_000, 60_000]],
])("%s ms have at most %s round intervals", (length, most, ticks) => {
  expect(ticksOf({ from_ms: 0, to_ms: length }, most).map(({ at_ms }) => at_ms)).toEqual(ticks);
});
