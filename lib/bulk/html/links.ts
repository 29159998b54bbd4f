import type { Element, RootContent } from "hast";
import { attribute, isElement, type Parent } from "./nodes.ts";

/** How much of a text is links, in letters and digits. */
export interface Share {
  letters: number;
  linked: number;
  links: number;
}

const known = new WeakMap<RootContent, Share>();

/** @returns as it was when first asked: what is removed later does not change it */
export function shareOf(node: RootContent): Share {
  const before = known.get(node);
  if (before) return before;
  const share = counted(node, shareOf);
  known.set(node, share);
  return share;
}

/** As it is now. */
export function measured(node: RootContent): Share {
  return counted(node, measured);
}

function counted(node: RootContent, shareOfChild: (node: RootContent) => Share): Share {
  if (node.type === "text") return { letters: lettersIn(node.value), linked: 0, links: 0 };
  const total: Share = { letters: 0, linked: 0, links: 0 };
  if (!isElement(node)) return total;
  for (const child of node.children) {
    const { letters, linked, links } = shareOfChild(child);
    total.letters += letters;
    total.linked += linked;
    total.links += links;
  }
  return isLink(node) ? { letters: total.letters, linked: total.letters, links: total.letters > 0 ? 1 : 0 } : total;
}

export function isLink(node: RootContent): node is Element {
  return isElement(node, "a", "area") && "href" in node.properties;
}

export function lettersIn(value: string): number {
  return value.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

/** Links and hardly anything else, such as "previous | next". */
export function isMostlyLinks(node: RootContent, least = 0.75): boolean {
  const { letters, linked, links } = shareOf(node);
  return links > 0 && linked >= least * letters;
}

/** A link to the start of a site. */
export function leadsHome(link: Element): boolean {
  return /^(?:[a-z]+:\/\/[^/]+)?(?:\.{0,2}\/)*(?:index\.\w+)?$/i.test(attribute(link, "href"));
}

/** A link to a place in the same page, whose name it is. */
export function fragmentOf(link: Element): string | undefined {
  const href = attribute(link, "href");
  return href.startsWith("#") && href.length > 1 ? href.slice(1) : undefined;
}

/** The links in an element, or it itself. */
export function linksIn(parent: Parent): Element[] {
  if (parent.type === "element" && isLink(parent)) return [parent];
  const found: Element[] = [];
  for (const child of parent.children) {
    if (child.type !== "element") continue;
    if (isLink(child)) found.push(child);
    else found.push(...linksIn(child));
  }
  return found;
}
