import type { LoopDelay } from "./probe.ts";

/** Of one number of connections. */
export interface SweepRow {
  connections: number;
  requests: number;
  requests_per_second: number;
  /** Failed connections, statuses and bodies that are no answer. */
  failed: number;
  latency_ms: { p50: number; p99: number };
  event_loop_delay_ms: LoopDelay;
  /** Resident, the most of the seconds. */
  memory_mb: number;
  trace_requests_per_query: number;
  metric_requests_per_query: number;
  telemetry_bytes_per_query: number;
}

/** Of the best throughput: with more connections than it can use, a server may not answer much less. */
const MIN_THROUGHPUT = 0.8;

/** @returns the goals that were missed, each as a sentence */
export function missedSweepGoals(rows: readonly SweepRow[]): string[] {
  const best = Math.max(...rows.map((row) => row.requests_per_second));
  const last = rows.at(-1);
  return [
    ...rows.filter(({ requests }) => requests === 0).map(({ connections }) => `${connections}: something is answered`),
    ...rows.filter(({ failed }) => failed > 0).map(({ connections }) => `${connections}: no error`),
    ...(last && last.requests_per_second < best * MIN_THROUGHPUT
      ? [`${last.connections}: at least ${MIN_THROUGHPUT * 100} % of the best throughput`]
      : []),
  ];
}
