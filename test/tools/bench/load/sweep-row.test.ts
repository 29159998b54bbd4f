import { expect, it } from "vitest";
import { type SweepRound, sweepRow } from "./sweep-row.ts";

const ROUND: SweepRound = {
  requests: 90,
  sent: 100,
  requests_per_second: 45,
  failed: 0,
  latency_ms: { p50: 20, p99: 40 },
  event_loop_delays_ms: [{ p50: 1, p99: 5, max: 9 }],
  memory_mb: 500,
  telemetry: { traces: { requests: 100, bytes: 600 }, metrics: { requests: 80, bytes: 800 } },
};

it("aggregates rounds: medians of times, the maximum of memory, sums of counts", () => {
  const slow = { ...ROUND, requests_per_second: 10, failed: 2, latency_ms: { p50: 90, p99: 95 }, memory_mb: 510 };
  const stalled = { ...ROUND, event_loop_delays_ms: [{ p50: 2, p99: 8, max: 70 }] };
  expect(sweepRow(4, [slow, ROUND, stalled])).toEqual({
    connections: 4,
    requests: 270,
    requests_per_second: 45,
    failed: 2,
    latency_ms: { p50: 20, p99: 40 },
    event_loop_delay_ms: { p50: 1, p99: 5, max: 70 },
    memory_mb: 510,
    trace_requests_per_query: 1,
    metric_requests_per_query: 0.8,
    telemetry_bytes_per_query: 14,
  });
});
