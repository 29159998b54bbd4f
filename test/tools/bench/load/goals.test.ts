import { expect, it } from "vitest";
import { type LoadFigures, missedGoals } from "./goals.ts";

const GOOD: LoadFigures = {
  seconds: 60,
  connections: 64,
  questions: "unseen",
  requests: 6_000,
  requests_per_second: 100,
  errors: 0,
  timeouts: 0,
  non_2xx: 0,
  not_an_answer: 0,
  latency_ms: { p50: 400, p90: 500, p99: 1_000, max: 1_200 },
  p99_to_p50: 2.5,
  event_loop_delay_ms: { p50: 5, p99: 10, max: 100 },
  memory_mb: { start: 500, after_10_s: 520, median_of_last_10_s: 522, mb_per_minute: 2 },
  live_heap_mb: { before: 90, after: 91 },
};

it.each<[string, Partial<LoadFigures>, string[]]>([
  ["no goal for good figures", {}, []],
  [
    "no goal when the load is too short for a slope",
    { memory_mb: { ...GOOD.memory_mb, mb_per_minute: Number.NaN } },
    [],
  ],
  ["the missing responses", { requests: 0 }, [expect.stringContaining("at least one response")]],
  ["a connection error", { errors: 1 }, [expect.stringContaining("error")]],
  ["an error status", { non_2xx: 1 }, [expect.stringContaining("error")]],
  ["a body without an answer", { not_an_answer: 1 }, [expect.stringContaining("error")]],
  ["a long tail", { p99_to_p50: 10.1 }, [expect.stringContaining("p99")]],
  ["memory growth", { memory_mb: { ...GOOD.memory_mb, mb_per_minute: 30 } }, [expect.stringContaining("memory")]],
  ["a heap leak", { live_heap_mb: { before: 90, after: 100 } }, [expect.stringContaining("live heap")]],
])("reports %s", (_, figures, missed) => {
  expect(missedGoals({ ...GOOD, ...figures })).toEqual(missed);
});
