import type { SpanNode } from "./span-tree.ts";

export type TreeMove = { select: SpanNode } | { fold: SpanNode } | { unfold: SpanNode };

/**
 * What a key does in a tree, as https://www.w3.org/WAI/ARIA/apg/patterns/treeview/ says.
 *
 * @param nodes those that are visible
 * @returns nothing for a key that does nothing here
 */
export function moveByKey(
  key: string,
  nodes: readonly SpanNode[],
  selected: SpanNode | undefined,
  folded: ReadonlySet<string>,
): TreeMove | undefined {
  const [first] = nodes;
  const at = selected ? nodes.indexOf(selected) : -1;
  if (!first) return undefined;
  if (at < 0 || !selected) return /^(Arrow|Home$|End$)/.test(key) ? { select: first } : undefined;
  const isFolded = folded.has(selected.span.span_id);
  const [child] = selected.children;
  switch (key) {
    case "ArrowDown":
      return selectAt(nodes, at + 1);
    case "ArrowUp":
      return selectAt(nodes, at - 1);
    case "Home":
      return { select: first };
    case "End":
      return selectAt(nodes, nodes.length - 1);
    case "ArrowRight":
      if (!child) return undefined;
      return isFolded ? { unfold: selected } : { select: child };
    case "ArrowLeft":
      if (child && !isFolded) return { fold: selected };
      return selected.parent && { select: selected.parent };
    default:
      return undefined;
  }
}

function selectAt(nodes: readonly SpanNode[], at: number): TreeMove | undefined {
  const node = nodes[at];
  return node && { select: node };
}
