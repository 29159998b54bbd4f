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
  const elements = [...elementsIn(content)];
  const byId = new Map(elements.map((node) => [attribute(node, "id"), node]));
  byId.delete("");
  const labels = new Map<Element, string>();
  const tabs = new Set<Element>();
  const pair = (tab: Element, panel: Element | undefined): void => {
    if (panel === undefined || textOf(tab) === "") return;
    labels.set(panel, textOf(tab));
    tabs.add(tab);
  };
  for (const node of elements) {
    if (isTabElement(node)) pair(node, byId.get(targetOf(node)));
    const list = node.children.find((child) => isElement(child) && attribute(child, "role") === "tablist");
    if (!isElement(list)) continue;
    // Without ids, the first tab is that of the first panel.
    const own = [...elementsIn(list)].filter((tab) => isTabElement(tab) && !tabs.has(tab));
    const panels = [...elementsIn(node)].filter(
      (panel) => attribute(panel, "role") === "tabpanel" && !labels.has(panel),
    );
    const isKnown = own.some((tab) => byId.has(targetOf(tab)));
    if (own.length === panels.length && !isKnown) for (const [index, tab] of own.entries()) pair(tab, panels[index]);
  }
  return { labelOf: (panel) => labels.get(panel), isTab: (node) => tabs.has(node) };
}

function isTabElement(node: Element): boolean {
  const toggle = attribute(node, "dataToggle") + attribute(node, "dataBsToggle");
  return attribute(node, "role") === "tab" || /^(?:tab|pill)$/.test(toggle);
}

/** The id of the panel that a tab shows; "" when it does not say. */
function targetOf(tab: Element): string {
  const named = ["ariaControls", "dataBsTarget", "dataTarget"].map((name) => attribute(tab, name)).find(Boolean);
  return (named ?? fragmentOf(tab) ?? "").replace(/^#/, "");
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
