import { element, leaf, type MarkdownElement, type MarkdownNode } from "#console/markdown/nodes.ts";

/** From `start` to before `end`, in UTF-16 code units. */
export interface Range {
  start: number;
  end: number;
}

/** What ends with a line of its own in the visible text. */
const ENDS_LINE: ReadonlySet<string> = new Set([
  ...["paragraph", "heading", "codeblock", "item", "row", "break", "rule", "path"],
]);

/**
 * Replaces the leaves of a tree.
 *
 * @param replace Called with each text, where it begins in {@link visibleText}, and what it is in, outermost first.
 */
export function replaceTexts(
  nodes: readonly MarkdownNode[],
  replace: (text: string, offset: number, ancestors: readonly MarkdownElement[]) => MarkdownNode[],
): MarkdownNode[] {
  let offset = 0;
  const ancestors: MarkdownElement[] = [];
  const visit = (node: MarkdownNode): MarkdownNode[] => {
    if (node.type === "text") {
      const replaced = replace(node.text, offset, ancestors);
      offset += node.text.length;
      return replaced;
    }
    ancestors.push(node);
    const children = node.children.flatMap(visit);
    ancestors.pop();
    if (ENDS_LINE.has(node.type) || node.type === "cell") offset += 1;
    return [{ ...node, children }];
  };
  return nodes.flatMap(visit);
}

/** What a reader sees of the nodes: a line for each paragraph, item and row, and tabs between cells. */
export function visibleText(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => {
      if (node.type === "text") return node.text;
      const text = visibleText(node.children);
      return node.type === "cell" ? `${text}\t` : ENDS_LINE.has(node.type) ? `${text}\n` : text;
    })
    .join("");
}

/** Marks ranges of {@link visibleText}, ascending and apart. */
export function markRanges(nodes: readonly MarkdownNode[], ranges: readonly Range[]): MarkdownNode[] {
  return replaceTexts(nodes, (text, offset) => splitAt(text, offset, ranges, "mark"));
}

/** The text, with an element around each part that is in a range. */
export function splitAt(
  text: string,
  offset: number,
  ranges: readonly Range[],
  type: MarkdownElement["type"],
): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    const from = Math.max(start - offset, at);
    const to = Math.min(end - offset, text.length);
    if (to <= from) continue;
    if (from > at) nodes.push(leaf(text.slice(at, from)));
    nodes.push(element(type, [leaf(text.slice(from, to))]));
    at = to;
  }
  if (at < text.length) nodes.push(leaf(text.slice(at)));
  return nodes;
}
