import { describe, expect, it } from "vitest";
import { type MemorySample, memoryTrend } from "./memory.ts";

const everySecond = (seconds: number, megabytes: (second: number) => number): MemorySample[] =>
  Array.from({ length: seconds + 1 }, (_, second) => ({ seconds: second, megabytes: megabytes(second) }));

describe("memoryTrend", () => {
  it("returns growth in megabytes per minute", () => {
    const { mb_per_minute, ...levels } = memoryTrend(everySecond(60, (second) => 400 + second / 2));
    expect(mb_per_minute).toBeCloseTo(30);
    expect(levels).toEqual({ start: 400, after_10_s: 405, median_of_last_10_s: 428 });
  });

  it("ignores growth in the first 10 s", () => {
    const settling = everySecond(60, (second) => (second < 10 ? 300 + 20 * second : 500 + (second % 2)));
    expect(Math.abs(memoryTrend(settling).mb_per_minute)).toBeLessThan(0.5);
  });

  it("returns NaN as slope of a load shorter than 10 s", () => {
    expect(memoryTrend(everySecond(5, () => 400))).toEqual({
      start: 400,
      after_10_s: Number.NaN,
      median_of_last_10_s: 400,
      mb_per_minute: Number.NaN,
    });
  });
});
