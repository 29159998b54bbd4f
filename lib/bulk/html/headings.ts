import type { Element, RootContent } from "hast";
import { attribute, contains, element, isElement, isHeading, text, textOf } from "./nodes.ts";

/**
 * An element that is a heading by its role, as a heading; a list whose items each begin with a heading, such as of cards or
 * methods, as sections, because in a list item of Markdown a heading would be none; and without a list of one item that
 * only arranges code and rules.
 */
export function withHeadings(node: Element): Element {
  if (attribute(node, "role") === "heading" && !/^h[1-6]$/.test(node.tagName)) {
    const level = Math.min(Math.max(Math.trunc(Number(attribute(node, "ariaLevel"))) || 2, 1), 6);
    return element(`h${level}`, node.children);
  }
  if (!isElement(node, "ul", "ol")) return node;
  const items = node.children.filter((child) => textOf(child) !== "");
  const [only, ...more] = items;
  const isLayout = isElement(only) && more.length === 0 && contains(only, "pre", "hr", "table", "h2", "h3", "h4", "h5");
  const isSections = items.length > 0 && items.every((item) => isElement(item, "li") && headingOf(item));
  if (!isLayout && !isSections) return node;
  const isNumbered = node.tagName === "ol" && isSections;
  return element(
    "div",
    items.map((item, index) => {
      const heading = isElement(item) ? headingOf(item) : undefined;
      if (isNumbered && heading && !/^\d/.test(textOf(heading))) heading.children.unshift(text(`${index + 1}. `));
      return isElement(item) ? { ...item, tagName: "div" } : item;
    }),
  );
}

/** The heading that an item begins with, also in blocks around it. */
function headingOf(node: Element): Element | undefined {
  const first: RootContent | undefined = node.children.find((child) => textOf(child) !== "");
  if (!first || !isElement(first)) return undefined;
  return isHeading(first) ? first : headingOf(first);
}
