import { expect, test } from "vitest";
import { RecentDurations } from "#async/recent-durations.ts";

test("has no range before the first call, nor a minute after the last", () => {
  const clock = { ms: 0 };
  const durations = new RecentDurations(() => clock.ms);
  expect(durations.range()).toBeUndefined();
  durations.record(5);
  durations.record(6);
  clock.ms += 60_000;
  expect(durations.range()).toEqual({ fastestMs: 5, slowestMs: 6 });
  clock.ms += 1;
  expect(durations.range()).toBeUndefined();
});

test("does not take a single call for the fastest", () => {
  const durations = new RecentDurations(() => 0);
  durations.record(5);
  expect(durations.range()).toEqual({ fastestMs: 0, slowestMs: 5 });
});

test("has the range of the last 16 calls", () => {
  const durations = new RecentDurations(() => 0);
  for (let ms = 1; ms <= 20; ms += 1) durations.record(ms);
  expect(durations.range()).toEqual({ fastestMs: 5, slowestMs: 20 });
});

test("forgets calls from a future that the clock was set back from", () => {
  const clock = { ms: 1_000 };
  const durations = new RecentDurations(() => clock.ms);
  durations.record(5);
  clock.ms = 0;
  expect(durations.range()).toBeUndefined();
});
