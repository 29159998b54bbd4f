import type { OtlpSpan } from "#console/receiver/payload.ts";

/** Width of the name column, which aligns the durations. */
const NAME_WIDTH = 34;

/**
 * Formats a trace as the lines of a tree: each span with its duration in milliseconds and selected attributes. A span
 * whose parent was not received, such as a remote one, is a root.
 */
export function traceTree(spans: readonly OtlpSpan[]): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const isRoot = ({ parentSpanId }: OtlpSpan) => !parentSpanId || !ids.has(parentSpanId);
  const byStart = spans.toSorted((a, b) => (a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1));

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
  return Number(endTimeUnixNano - startTimeUnixNano) / 1e6;
}

function details({ attributes, status }: OtlpSpan): string {
  const count = (key: string, items: string) => attributes[key] !== undefined && `${attributes[key]} ${items}`;
  const parts = [
    attributes["http.response.status_code"],
    attributes["faas.coldstart"] === true && "cold start",
    attributes.rewritten === true && "rewritten",
    attributes["cache.hit"] !== undefined && `cache ${attributes["cache.hit"] ? "hit" : "miss"}`,
    count("results.count", "results"),
    count("documents.count", "documents"),
    count("chunks.count", "chunks"),
    status.code === "error" && `failed: ${attributes["error.type"] ?? "error"}`,
  ];
  return parts.filter((part) => part !== undefined && part !== false).join(", ");
}
