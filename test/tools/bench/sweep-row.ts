import { median } from "../lambda/stats.ts";
import type { OtlpCounts } from "./otlp-counter.ts";
import type { LoopDelay } from "./probe.ts";

/** What one short load with so many connections gave. */
export interface SweepRound {
  requests: number;
  /** Those cut off when the time was up are among them: they were answered, and recorded, all the same. */
  sent: number;
  requests_per_second: number;
  /** Failed connections, statuses and bodies that are no answer. */
  failed: number;
  latency_ms: { p50: number; p99: number };
  /** A line per second. */
  event_loop_delays_ms: readonly LoopDelay[];
  /** Resident. */
  memory_mb: number;
  telemetry: OtlpCounts;
}

/** Of one number of connections: medians of its rounds, unless said otherwise. */
export interface SweepRow {
  connections: number;
  /** Of all rounds. */
  requests: number;
  requests_per_second: number;
  /** Of all rounds. */
  failed: number;
  latency_ms: { p50: number; p99: number };
  /** Medians of the seconds' p50 and p99, and the worst of all. */
  event_loop_delay_ms: LoopDelay;
  /** The most. */
  memory_mb: number;
  /** Means of all rounds. */
  trace_requests_per_query: number;
  metric_requests_per_query: number;
  telemetry_bytes_per_query: number;
}

export function sweepRow(connections: number, rounds: readonly SweepRound[]): SweepRow {
  const sum = (of: (round: SweepRound) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const middle = (of: (round: SweepRound) => number) => median(rounds.map(of));
  const sent = sum((round) => round.sent);
  const delays = rounds.flatMap((round) => round.event_loop_delays_ms);
  return {
    connections,
    requests: sum(({ requests }) => requests),
    requests_per_second: middle((round) => round.requests_per_second),
    failed: sum(({ failed }) => failed),
    latency_ms: { p50: middle(({ latency_ms }) => latency_ms.p50), p99: middle(({ latency_ms }) => latency_ms.p99) },
    event_loop_delay_ms: {
      p50: median(delays.map(({ p50 }) => p50)),
      p99: median(delays.map(({ p99 }) => p99)),
      max: Math.max(...delays.map(({ max }) => max)),
    },
    memory_mb: Math.max(...rounds.map((round) => round.memory_mb)),
    trace_requests_per_query: sum(({ telemetry }) => telemetry.traces.requests) / sent,
    metric_requests_per_query: sum(({ telemetry }) => telemetry.metrics.requests) / sent,
    telemetry_bytes_per_query: sum(({ telemetry: { traces, metrics } }) => traces.bytes + metrics.bytes) / sent,
  };
}
