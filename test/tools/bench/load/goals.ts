import type { MemoryTrend } from "./memory.ts";
import type { LoopDelay } from "./probe.ts";

export interface LoadFigures {
  seconds: number;
  connections: number;
  questions: "golden, in turn" | "unseen";
  requests: number;
  requests_per_second: number;
  /** Failed connections, timeouts included. */
  errors: number;
  timeouts: number;
  non_2xx: number;
  /** Bodies without an answer, whatever the status. */
  not_an_answer: number;
  latency_ms: { p50: number; p90: number; p99: number; max: number };
  p99_to_p50: number;
  /** Medians of the p50 and p99 of each second, and the overall maximum. */
  event_loop_delay_ms: LoopDelay;
  /** Resident memory. */
  memory_mb: MemoryTrend;
  /** After a full garbage collection. */
  live_heap_mb: { before: number; after: number };
}

const MAX_P99_TO_P50 = 10;
/** Of resident memory per minute. V8 resizes its heap by more than that within seconds. */
const MAX_GROWTH = 0.05;
/** Of the live heap over the whole load: a leak of 1 KB per query adds 10 MB to 90 MB. */
const MAX_HEAP_GROWTH = 0.05;

/** @returns the description of each missed goal */
export function missedGoals(figures: LoadFigures): string[] {
  const { requests, errors, non_2xx, not_an_answer, p99_to_p50, memory_mb, live_heap_mb } = figures;
  const growth = memory_mb.mb_per_minute / memory_mb.after_10_s;
  const goals: [met: boolean, goal: string][] = [
    [requests > 0, "at least one response"],
    [errors + non_2xx + not_an_answer === 0, "no errors"],
    [p99_to_p50 <= MAX_P99_TO_P50, `p99 at most ${MAX_P99_TO_P50} × p50`],
    // NaN, which a short load yields, does not miss the goal.
    [!(growth > MAX_GROWTH), `memory grows by at most ${MAX_GROWTH * 100} % per minute`],
    [
      live_heap_mb.after <= live_heap_mb.before * (1 + MAX_HEAP_GROWTH),
      `the live heap is at most ${MAX_HEAP_GROWTH * 100} % larger than before`,
    ],
  ];
  return goals.filter(([met]) => !met).map(([, goal]) => goal);
}
