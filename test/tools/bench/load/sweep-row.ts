import { median } from "../../lambda/stats.ts";
import type { OtlpCounts } from "./otlp-counter.ts";
import type { LoopDelay } from "./probe.ts";

/** The result of one round of load. */
export interface SweepRound {
  requests: number;
  /** Includes requests cut off at the end, which the server completed and recorded nevertheless. */
  sent: number;
  requests_per_second: number;
  /** Failed connections, error statuses and bodies without an answer. */
  failed: number;
  latency_ms: { p50: number; p99: number };
  /** One entry per second. */
  event_loop_delays_ms: readonly LoopDelay[];
  /** Resident memory. */
  memory_mb: number;
  telemetry: OtlpCounts;
}

/** The results of one number of connections: medians of its rounds unless noted. */
export interface SweepRow {
  connections: number;
  /** Sum of all rounds. */
  requests: number;
  requests_per_second: number;
  /** Sum of all rounds. */
  failed: number;
  latency_ms: { p50: number; p99: number };
  /** Medians of the p50 and p99 of each second, and the overall maximum. */
  event_loop_delay_ms: LoopDelay;
  /** Maximum of all rounds. */
  memory_mb: number;
  /** Means over all rounds, as are the two below. */
  trace_requests_per_query: number;
  metric_requests_per_query: number;
  telemetry_bytes_per_query: number;
}

export function sweepRow(connections: number, rounds: readonly SweepRound[]): SweepRow {
  const sum = (of: (round: SweepRound) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const medianOf = (of: (round: SweepRound) => number) => median(rounds.map(of));
  const sent = sum((round) => round.sent);
  const delays = rounds.flatMap((round) => round.event_loop_delays_ms);
  return {
    connections,
    requests: sum(({ requests }) => requests),
    requests_per_second: medianOf((round) => round.requests_per_second),
    failed: sum(({ failed }) => failed),
    latency_ms: {
      p50: medianOf(({ latency_ms }) => latency_ms.p50),
      p99: medianOf(({ latency_ms }) => latency_ms.p99),
    },
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
