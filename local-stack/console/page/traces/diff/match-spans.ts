import type { Span } from "#console/contract.ts";
import { type SpanNode, selfMs } from "../waterfall/span-tree.ts";

/** A span of this trace, and the one of the other trace at the same place; at least one of them. */
export interface SpanPair {
  name: string;
  depth: number;
  here: SpanNode | undefined;
  there: SpanNode | undefined;
}

/**
 * Pairs the spans of two traces by the path of their names: the second "rag.retry" below "rag.query" is paired with the
 * second one there. In tree order, siblings by start.
 */
export function matchSpans(here: readonly SpanNode[], there: readonly SpanNode[]): SpanPair[] {
  const isRoot = ({ parent }: SpanNode) => parent === undefined;
  const pairs: SpanPair[] = [];
  const waiting = matchSiblings(here.filter(isRoot), there.filter(isRoot), 0).reverse();
  for (let pair = waiting.pop(); pair; pair = waiting.pop()) {
    pairs.push(pair);
    const children = matchSiblings(pair.here?.children ?? [], pair.there?.children ?? [], pair.depth + 1);
    for (const child of children.reverse()) waiting.push(child);
  }
  return pairs;
}

function matchSiblings(here: readonly SpanNode[], there: readonly SpanNode[], depth: number): SpanPair[] {
  const pairs = new Map<string, SpanPair>();
  for (const [key, node] of numbered(here))
    pairs.set(key, { name: node.span.name, depth, here: node, there: undefined });
  for (const [key, node] of numbered(there)) {
    const pair = pairs.get(key);
    if (pair) pair.there = node;
    else pairs.set(key, { name: node.span.name, depth, here: undefined, there: node });
  }
  return [...pairs.values()].sort((a, b) => startOf(a) - startOf(b));
}

/** Each node with its name and its number among those of the same name. */
function numbered(nodes: readonly SpanNode[]): [key: string, node: SpanNode][] {
  const seen = new Map<string, number>();
  return nodes.map((node) => {
    const number = seen.get(node.span.name) ?? 0;
    seen.set(node.span.name, number + 1);
    return [`${number} ${node.span.name}`, node];
  });
}

function startOf({ here, there }: SpanPair): number {
  return (here ?? there)?.span.start_ms ?? 0;
}

/** Milliseconds by which the span took longer than the other trace's; absent where only one trace has it. */
export function differenceMs({ here, there }: SpanPair): number | undefined {
  return here && there ? here.span.duration_ms - there.span.duration_ms : undefined;
}

/**
 * The span that explains most of the difference between the two traces: the one whose own time, without its children's,
 * differs most in that direction.
 *
 * @param totalMs the difference of the traces
 */
export function mainCause(pairs: readonly SpanPair[], totalMs: number): { pair: SpanPair; ms: number } | undefined {
  let cause: { pair: SpanPair; ms: number } | undefined;
  for (const pair of pairs) {
    const ms = (pair.here ? selfMs(pair.here) : 0) - (pair.there ? selfMs(pair.there) : 0);
    if (ms * Math.sign(totalMs) > (cause?.ms ?? 0) * Math.sign(totalMs)) cause = { pair, ms };
  }
  return cause;
}

export interface AttributeDifference {
  name: string;
  here: Span["attributes"][string] | undefined;
  there: Span["attributes"][string] | undefined;
}

/** The attributes that differ, by name; for a span that only one trace has, none. */
export function attributeDifferences({ here, there }: SpanPair): AttributeDifference[] {
  if (!here || !there) return [];
  const names = new Set([...Object.keys(here.span.attributes), ...Object.keys(there.span.attributes)]);
  return [...names].sort().flatMap((name) => {
    const difference = { name, here: here.span.attributes[name], there: there.span.attributes[name] };
    return JSON.stringify(difference.here) === JSON.stringify(difference.there) ? [] : [difference];
  });
}
