import type { Element, RootContent } from "hast";
import { fragmentOf } from "./links.ts";
import { attribute, element, elementsIn, isElement, isHeading, type Parent, textOf } from "./nodes.ts";

const MAX_QUESTION_LETTERS = 200;

/** The panels that tabs show one at a time. */
export interface Panels {
  /** The text of the tab that shows this element. */
  labelOf(panel: Element): string | undefined;
  /** Whether the element is the tab of a panel, whose label says so. */
  isTab(node: Element): boolean;
}

export function panelsOf(content: Element): Panels {
  const ids = new Set([...elementsIn(content)].map((node) => attribute(node, "id")));
  const labels = new Map<string, string>();
  const tabs = new Set<Element>();
  for (const node of elementsIn(content)) {
    const isTab =
      attribute(node, "role") === "tab" ||
      /^(?:tab|pill)$/.test(attribute(node, "dataToggle") + attribute(node, "dataBsToggle"));
    if (!isTab) continue;
    const target =
      attribute(node, "ariaControls") ||
      attribute(node, "dataBsTarget") ||
      attribute(node, "dataTarget") ||
      (fragmentOf(node) ?? "");
    const id = target.replace(/^#/, "");
    if (!ids.has(id) || id === "" || textOf(node) === "") continue;
    labels.set(id, textOf(node));
    tabs.add(node);
  }
  return { labelOf: (panel) => labels.get(attribute(panel, "id")), isTab: (node) => tabs.has(node) };
}

/**
 * What a reader clicks on to see an answer: a heading when it is a question or one of several, so that the answer is a
 * section of its own, and a line in bold otherwise.
 *
 * @param level of the heading that it is under; 0 for none
 */
export function questionAs(opener: Element, parent: Parent, level: number): RootContent[] {
  const children = opener.children;
  const label = textOf(opener);
  if (label === "") return [];
  const [first, ...more] = children.filter((child) => textOf(child) !== "");
  if (more.length === 0 && first !== undefined && isHeading(first)) return [first];
  if (isElement(parent, "h1", "h2", "h3", "h4", "h5", "h6")) return children;
  if (label.length > MAX_QUESTION_LETTERS) return [element("p", children)];
  const isQuestion = /[?？;]$/.test(label);
  return [isQuestion ? element(`h${Math.min(level + 1, 6)}`, children) : element("p", [element("strong", children)])];
}
