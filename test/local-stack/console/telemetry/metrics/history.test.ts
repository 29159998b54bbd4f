import { expect, it } from "vitest";
import { append, type History, KEPT_MS, RESOLUTION_MS, valueAt } from "#console/telemetry/metrics/history.ts";

function historyOf(...points: readonly [time: number, value: number][]): History {
  const history: History = { times: [], values: [] };
  for (const [time, value] of points) append(history, time, value);
  return history;
}

it("knows the value of any time since the first one", () => {
  const history = historyOf([10_000, 1], [20_000, 5]);
  expect([9_999, 10_000, 19_999, 20_000, 90_000].map((time) => valueAt(history, time))).toEqual([
    undefined,
    1,
    1,
    5,
    5,
  ]);
});

it("stays small when values change all the time, and keeps the value of what it forgets", () => {
  const history: History = { times: [], values: [] };
  const start = 1_000_000;
  const hours = 3 * 3_600_000;
  for (let time = 0; time <= hours; time += 500) append(history, start + time, time);
  expect(history.times.length).toBeLessThanOrEqual(KEPT_MS / RESOLUTION_MS + 3);
  const oldest = start + hours - KEPT_MS;
  expect(valueAt(history, oldest)).toBeGreaterThan(0);
  expect(valueAt(history, start + hours)).toBe(hours);
});

it("keeps no point while a value stays the same", () => {
  expect(historyOf([0, 1], [10_000, 1], [20_000, 1]).times).toEqual([0]);
});
