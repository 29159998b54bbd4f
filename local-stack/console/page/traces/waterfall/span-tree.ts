import type { Span } from "#console/contract.ts";

/** A span with its place in the tree. */
export interface SpanNode {
  span: Span;
  /** 0 for a root. */
  depth: number;
  parent: SpanNode | undefined;
  /** By start. */
  children: SpanNode[];
  /** Whether the span names a parent that was not received. */
  isOrphan: boolean;
}

/**
 * The spans of a trace in tree order: each before its children, siblings by start. A span whose parent was not received is
 * a root, and so is one of a cycle.
 */
export function spanTree(spans: readonly Span[]): SpanNode[] {
  const byStart = spans.toSorted((a, b) => a.start_ms - b.start_ms);
  const ids = new Set(spans.map(({ span_id }) => span_id));
  const childrenOf = Map.groupBy(byStart, ({ parent_id }) => parent_id);
  const nodes: SpanNode[] = [];
  const placed = new Set<Span>();

  function place(root: Span): void {
    // A stack of its own: a trace may be deeper than the call stack.
    const waiting: { span: Span; parent: SpanNode | undefined }[] = [{ span: root, parent: undefined }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { span, parent } = next;
      if (placed.has(span)) continue;
      placed.add(span);
      const isOrphan = parent === undefined && span.parent_id !== undefined;
      const node: SpanNode = { span, parent, isOrphan, depth: parent ? parent.depth + 1 : 0, children: [] };
      parent?.children.push(node);
      nodes.push(node);
      const children = childrenOf.get(span.span_id) ?? [];
      for (const child of children.toReversed()) waiting.push({ span: child, parent: node });
    }
  }

  for (const span of byStart) if (span.parent_id === undefined || !ids.has(span.parent_id)) place(span);
  for (const span of byStart) if (!placed.has(span)) place(span);
  return nodes;
}

/** The nodes that no folded one hides: span ids. */
export function visibleNodes(nodes: readonly SpanNode[], folded: ReadonlySet<string>): SpanNode[] {
  const visible: SpanNode[] = [];
  const hidden = new Set<SpanNode>();
  for (const node of nodes) {
    const { parent } = node;
    if (parent && (hidden.has(parent) || folded.has(parent.span.span_id))) hidden.add(node);
    else visible.push(node);
  }
  return visible;
}

/** A part of a span's time: from and to as ratios of its duration. */
export type Part = [from: number, to: number];

/** Parts closer than this are drawn as one: less than a pixel. */
const FINEST = 0.002;

/** When no child was running: where the span spent its own time. */
export function selfParts({ span, children }: SpanNode): Part[] {
  if (span.duration_ms <= 0) return [[0, 1]];
  const parts: Part[] = [];
  let at = 0;
  for (const { span: child } of children) {
    const from = (child.start_ms - span.start_ms) / span.duration_ms;
    const to = from + child.duration_ms / span.duration_ms;
    if (from - at > FINEST) parts.push([at, Math.min(1, from)]);
    at = Math.max(at, to);
    if (at >= 1) break;
  }
  if (at < 1) parts.push([at, 1]);
  return parts;
}

/** Milliseconds in which no child was running. */
export function selfMs({ span, children }: SpanNode): number {
  const end = span.start_ms + span.duration_ms;
  let at = span.start_ms;
  let self = 0;
  for (const { span: child } of children) {
    self += Math.max(0, Math.min(end, child.start_ms) - at);
    at = Math.max(at, child.start_ms + child.duration_ms);
  }
  return self + Math.max(0, end - at);
}
