import type { MemoryTrend } from "./memory.ts";
import type { LoopDelay } from "./probe.ts";

export interface LoadFigures {
  seconds: number;
  connections: number;
  questions: "golden, in turn" | "unseen";
  requests: number;
  requests_per_second: number;
  /** Connections that failed, time-outs with them. */
  errors: number;
  timeouts: number;
  non_2xx: number;
  /** Bodies that are no answer, whatever the status. */
  not_an_answer: number;
  latency_ms: { p50: number; p90: number; p99: number; max: number };
  p99_to_p50: number;
  /** Medians of the seconds' p50 and p99, and the worst of all. */
  event_loop_delay_ms: LoopDelay;
  /** Resident. */
  memory_mb: MemoryTrend;
  /** After a full garbage collection. */
  live_heap_mb: { before: number; after: number };
}

const MAX_P99_TO_P50 = 10;
/** Of resident memory, a minute: V8 moves the bounds of its heap by more than that in seconds. */
const MAX_GROWTH = 0.05;
/** What is held after the load and was not before; a query that leaves 1 KB behind adds 10 MB to the 90. */
const MAX_HEAP_GROWTH = 0.05;

/** @returns the goals that were missed, each as a sentence */
export function missedGoals(figures: LoadFigures): string[] {
  const { requests, errors, non_2xx, not_an_answer, p99_to_p50, memory_mb, live_heap_mb } = figures;
  const growth = memory_mb.mb_per_minute / memory_mb.after_10_s;
  const goals: [met: boolean, goal: string][] = [
    [requests > 0, "something is answered"],
    [errors + non_2xx + not_an_answer === 0, "no error"],
    [p99_to_p50 <= MAX_P99_TO_P50, `p99 at most ${MAX_P99_TO_P50} × p50`],
    // A load too short to tell has no growth.
    [!(growth > MAX_GROWTH), `memory grows by at most ${MAX_GROWTH * 100} % a minute`],
    [
      live_heap_mb.after <= live_heap_mb.before * (1 + MAX_HEAP_GROWTH),
      `the live heap is at most ${MAX_HEAP_GROWTH * 100} % larger than before`,
    ],
  ];
  return goals.filter(([met]) => !met).map(([, goal]) => goal);
}
