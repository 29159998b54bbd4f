import type { TraceFilter, TraceList, TraceSummary } from "#console/contract.ts";

export const MAX_LIMIT = 5_000;
const DEFAULT_LIMIT = 1_000;

/** The traces that the filter lets through, newest first, and the routes of all. */
export function listTraces(summaries: readonly TraceSummary[], filter: TraceFilter): Omit<TraceList, "forgotten"> {
  const { limit = DEFAULT_LIMIT } = filter;
  const traces = summaries
    .filter((summary) => isWanted(summary, filter))
    .sort((a, b) => b.start_ms - a.start_ms || (a.trace_id < b.trace_id ? -1 : 1))
    .slice(0, limit);
  return { traces, routes: [...new Set(summaries.flatMap(({ route }) => route ?? []))].sort() };
}

function isWanted(summary: TraceSummary, { min_ms, failed, degraded, route, id, before_ms }: TraceFilter): boolean {
  return (
    (min_ms === undefined || summary.duration_ms >= min_ms) &&
    (failed === undefined || summary.failed === failed) &&
    (degraded === undefined || summary.degraded.length > 0 === degraded) &&
    (route === undefined || summary.route === route) &&
    (id === undefined || summary.trace_id.startsWith(id)) &&
    (before_ms === undefined || summary.start_ms < before_ms)
  );
}
