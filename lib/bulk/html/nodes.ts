import type { Element, ElementContent, Root, RootContent } from "hast";

export type Parent = Root | Element;

export function isElement<Name extends string>(
  node: RootContent | Root | undefined,
  ...names: Name[]
): node is Element & { tagName: Name } {
  return node?.type === "element" && (names.length === 0 || names.includes(node.tagName as Name));
}

export function isHeading(node: RootContent): node is Element {
  return node.type === "element" && /^h[1-6]$/.test(node.tagName);
}

/** A property as text, with the values of a list separated by spaces; "" when it is missing. */
export function attribute({ properties }: Element, name: string): string {
  const value = properties[name];
  if (Array.isArray(value)) return value.join(" ");
  return value === null || value === undefined || value === false ? "" : String(value);
}

/** The words of class and id in lower case, also those within a name: `page-nav` gives `page-nav`, `page`, `nav`. */
export function namesOf(element: Element): string[] {
  const whole = `${attribute(element, "className")} ${attribute(element, "id")}`.split(/\s+/).filter(Boolean);
  const parts = whole.flatMap((name) => name.replace(/([a-z])([A-Z])/g, "$1-$2").split(/[-_]+/));
  return [...new Set([...whole, ...parts].map((name) => name.toLowerCase()))];
}

/** Replaces the children of an element; hast's types are stricter than what HTML has. */
export function setChildren(parent: Parent, children: readonly RootContent[]): void {
  parent.children = children as ElementContent[];
}

export function element(
  tagName: string,
  children: readonly RootContent[],
  properties: Element["properties"] = {},
): Element {
  return { type: "element", tagName, properties, children: children as ElementContent[] };
}

export function text(value: string): { type: "text"; value: string } {
  return { type: "text", value };
}

/** Every element within a node, in order. */
export function* elementsIn(parent: Parent): Generator<Element> {
  const stack = parent.children.toReversed();
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.type !== "element") continue;
    yield next;
    for (let index = next.children.length - 1; index >= 0; index -= 1) {
      const child = next.children[index];
      if (child?.type === "element") stack.push(child);
    }
  }
}

const BLOCKS = new Set(
  (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure " +
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol option p pre section summary table " +
    "tbody td tfoot th thead tr ul"
  ).split(" "),
);

export function isBlock(node: RootContent): boolean {
  return node.type === "element" && BLOCKS.has(node.tagName);
}

/** Whether a node has blocks within. */
export function hasBlocks(parent: Parent): boolean {
  for (const inner of elementsIn(parent)) if (isBlock(inner)) return true;
  return false;
}

/** Whether an element has one of these names within. */
export function contains(parent: Element, ...names: string[]): boolean {
  for (const inner of elementsIn(parent)) if (names.includes(inner.tagName)) return true;
  return false;
}

/** The text within a node, with white space collapsed, and space between blocks. */
export function textOf(node: Root | RootContent): string {
  const parts: string[] = [];
  collect(node, parts);
  return parts.join("").replace(/\s+/g, " ").trim();
}

function collect(node: Root | RootContent, parts: string[]): void {
  if (node.type === "text") parts.push(node.value);
  if (!("children" in node)) return;
  const space = node.type === "element" && (isBlock(node) || node.tagName === "br") ? " " : "";
  parts.push(space);
  for (const child of node.children) collect(child, parts);
  parts.push(space);
}
