import { expect, it } from "vitest";
import { missedSweepGoals } from "./sweep-goals.ts";
import type { SweepRow } from "./sweep-row.ts";

const row = (connections: number, requests_per_second: number, more: Partial<SweepRow> = {}): SweepRow => ({
  connections,
  requests: requests_per_second * 10,
  requests_per_second,
  failed: 0,
  latency_ms: { p50: 10, p99: 20 },
  event_loop_delay_ms: { p50: 1, p99: 2, max: 3 },
  memory_mb: 500,
  trace_requests_per_query: 1,
  metric_requests_per_query: 1,
  telemetry_bytes_per_query: 15_000,
  ...more,
});

it.each<[string, SweepRow[], string[]]>([
  ["no goal for growing throughput", [row(1, 50), row(64, 100)], []],
  ["no goal for slightly lower throughput", [row(16, 100), row(64, 80)], []],
  ["a collapse of throughput", [row(16, 100), row(64, 79)], ["64 clients: at least 80 % of the best throughput"]],
  ["an error", [row(1, 50, { failed: 1 }), row(64, 100)], ["1 clients: no errors"]],
  ["missing responses", [row(1, 0), row(64, 100)], ["1 clients: at least one response"]],
])("reports %s", (_, rows, missed) => {
  expect(missedSweepGoals(rows)).toEqual(missed);
});
