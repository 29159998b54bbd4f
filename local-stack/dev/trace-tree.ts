import { attribute, type OtlpSpan } from "./otlp.ts";

/** Width of the name column, which aligns the durations. */
const NAME_WIDTH = 34;

/**
 * Formats a trace as the lines of a tree: each span with its duration in milliseconds and selected attributes. A span
 * whose parent was not received, such as a remote one, is a root.
 */
export function traceTree(spans: readonly OtlpSpan[]): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const isRoot = ({ parentSpanId }: OtlpSpan) => !parentSpanId || !ids.has(parentSpanId);
  const byStart = spans.toSorted((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1));

  function lines(span: OtlpSpan, prefix: string, branch: string, below: string): string[] {
    const children = byStart.filter(({ parentSpanId }) => parentSpanId === span.spanId);
    const name = `${prefix}${branch}${span.name}`.padEnd(NAME_WIDTH);
    return [
      `${name} ${durationMs(span).toFixed(1).padStart(8)} ms  ${details(span)}`.trimEnd(),
      ...children.flatMap((child, position) => {
        const last = position === children.length - 1;
        return lines(child, prefix + below, last ? "└─ " : "├─ ", last ? "   " : "│  ");
      }),
    ];
  }
  return byStart.filter(isRoot).flatMap((root) => lines(root, "", "", ""));
}

function durationMs({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan): number {
  return Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6;
}

function details(span: OtlpSpan): string {
  const parts: unknown[] = [
    attribute(span, "http.response.status_code"),
    attribute(span, "faas.coldstart") === true && "cold start",
    attribute(span, "rewritten") === true && "rewritten",
    attribute(span, "cache.hit") !== undefined && `cache ${attribute(span, "cache.hit") ? "hit" : "miss"}`,
    attribute(span, "results.count") !== undefined && `${attribute(span, "results.count")} results`,
    attribute(span, "documents.count") !== undefined && `${attribute(span, "documents.count")} documents`,
    attribute(span, "chunks.count") !== undefined && `${attribute(span, "chunks.count")} chunks`,
    span.status?.code === 2 && `failed: ${attribute(span, "error.type") ?? "error"}`,
  ];
  return parts.filter((part) => part !== undefined && part !== false).join(", ");
}
