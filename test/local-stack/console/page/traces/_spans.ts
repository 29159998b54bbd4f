import type { Span, TraceSummary } from "#console/contract.ts";

/** A span with an id, and what matters to a test. */
export function span(span_id: string, given: Partial<Span> = {}): Span {
  return {
    ...{ span_id, name: span_id, kind: "internal", service: "edge-rag", start_ms: 0, duration_ms: 10 },
    ...{ status: "unset", attributes: {}, events: [], links: [] },
    ...given,
  };
}

export function summary(trace_id: string, given: Partial<TraceSummary> = {}): TraceSummary {
  return {
    ...{ trace_id, name: "POST /query", service: "edge-rag", start_ms: 0, duration_ms: 100 },
    ...{ failed: false, degraded: [], cold_start: false, spans: 1 },
    ...given,
  };
}
