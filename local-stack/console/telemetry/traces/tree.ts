import type { Attributes, Span, Trace, TraceSummary } from "#console/contract.ts";
import type { OtlpSpan } from "#console/receiver/payload.ts";
import { boundsOf, serviceOf, toMs } from "./summary.ts";

/** A trace with its spans: siblings by start, each followed by what is below it. */
export function toTrace(summary: TraceSummary, spans: readonly OtlpSpan[]): Trace {
  const { start } = boundsOf(spans);
  const resources = new Map<string, Attributes>();
  for (const span of spans) {
    const service = serviceOf(span);
    if (!resources.has(service)) resources.set(service, span.resource.attributes);
  }
  return {
    ...summary,
    tree: inOrder(spans).map((span) => toSpan(span, start)),
    resources: Object.fromEntries(resources),
  };
}

function toSpan(span: OtlpSpan, start: bigint): Span {
  const { status, startTimeUnixNano, endTimeUnixNano } = span;
  const durationNanos = endTimeUnixNano > startTimeUnixNano ? endTimeUnixNano - startTimeUnixNano : 0n;
  return {
    span_id: span.spanId,
    ...(span.parentSpanId !== undefined && { parent_id: span.parentSpanId }),
    name: span.name,
    kind: span.kind,
    service: serviceOf(span),
    start_ms: toMs(startTimeUnixNano - start),
    duration_ms: toMs(durationNanos),
    status: status.code,
    ...(status.message !== "" && { message: status.message }),
    attributes: span.attributes,
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      ...{ name, at_ms: toMs(timeUnixNano - start), attributes },
    })),
    links: span.links.map(({ traceId, spanId }) => ({ trace_id: traceId, span_id: spanId })),
  };
}

/** A span whose parent is not there is a root, and so is the first of those that are each other's ancestors. */
function inOrder(spans: readonly OtlpSpan[]): OtlpSpan[] {
  const byStart = spans.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(byStart, ({ parentSpanId = "" }) => (ids.has(parentSpanId) ? parentSpanId : ""));
  const ordered = new Set<OtlpSpan>();
  for (const root of [...(children.get("") ?? []), ...byStart]) {
    // Not recursive: a chain may be as long as a trace.
    const next = [root];
    for (let span = next.pop(); span; span = next.pop()) {
      if (ordered.has(span)) continue;
      ordered.add(span);
      next.push(...(children.get(span.spanId) ?? []).toReversed());
    }
  }
  return [...ordered];
}
