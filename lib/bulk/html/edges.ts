import type { Element, RootContent } from "hast";
import type { Account } from "./left-out.ts";
import { fragmentOf, isMostlyLinks, leadsHome, linksIn, shareOf } from "./links.ts";
import { attribute, hasBlocks, isBlock, isElement, isHeading, type Parent, setChildren, textOf } from "./nodes.ts";

const LEAST_LINKS = 2;
/** So many nodes before a list may be blank. */
const NEAR = 20;
const MAX_STEP = 60;
const SENTENCE_LETTERS = 40;
const STEP = /^(?:[«<←\s[]*(?:prev(?:ious)?|back|up|home|index|contents?|top)|next[»>→\s\]]*)$/i;

/**
 * Removes rows of links before and after the text of a page that does not mark its navigation: "Home | Download", or
 * "previous | next". A list under a heading, or after a line that ends with a colon, is content wherever it is.
 */
export function removeEdges(content: Parent, account: Account): void {
  trim(content, account, "start");
  trim(content, account, "end");
}

/** @returns whether the text of the page was reached */
function trim(parent: Parent, account: Account, from: "start" | "end"): boolean {
  const children = [...(parent.children as RootContent[])];
  const order = from === "start" ? children : children.toReversed();
  const removed = new Set<RootContent>();
  let reached = false;
  for (const [index, child] of order.entries()) {
    if (isElement(child, "hr")) removed.add(child);
    if (isBlank(child)) continue;
    if (isRow(child, from)) {
      if (from === "end" && isIntroduced(order.slice(index + 1, index + 1 + NEAR), child)) reached = true;
      else removed.add(child);
    } else if (isText(child)) reached = true;
    else if (isElement(child) && !isHeading(child)) reached = trim(child, account, from);
    if (reached) break;
  }
  account.add("navigation", ...removed);
  setChildren(
    parent,
    children.filter((child) => !removed.has(child)),
  );
  return reached;
}

function isBlank(node: RootContent): boolean {
  return node.type !== "text" && node.type !== "element" ? true : textOf(node) === "";
}

function isRow(node: RootContent, from: "start" | "end"): boolean {
  if (!isElement(node)) return false;
  if (from === "start" && isTrail(node)) return true;
  if (!isMostlyLinks(node)) return false;
  // The headings of some generators link back to the list of contents.
  if (isHeading(node) && linksIn(node).every((link) => fragmentOf(link) !== undefined)) return false;
  if (shareOf(node).links >= LEAST_LINKS) return isBlock(node);
  if (from === "start" && linksIn(node).every(leadsHome)) return true;
  return STEP.test(textOf(node)) || /^(?:prev|next|up|contents)$/.test(attribute(node, "rel"));
}

/** "Home > Guide > Retry rules": a way of links to this page. */
function isTrail(node: Element): boolean {
  if (hasBlocks(node) || isHeading(node)) return false;
  const steps = textOf(node)
    .split(/\s*(?:[>»›→/]|::)\s*/)
    .filter(Boolean);
  return steps.length > 1 && shareOf(node).links >= steps.length - 1 && steps.every((step) => step.length <= MAX_STEP);
}

/** A heading, or a sentence: here the content begins, or ends. A short line, such as a logo's, is passed by. */
function isText(node: RootContent): boolean {
  if (isElement(node, "pre", "li", "dd")) return true;
  if (isHeading(node))
    return !isMostlyLinks(node, 0.5) || linksIn(node).every((link) => fragmentOf(link) !== undefined);
  if (isElement(node) && hasBlocks(node)) return false;
  const { letters, linked } = shareOf(node);
  return letters - linked >= SENTENCE_LETTERS || /[.!?:。！？]$/.test(textOf(node));
}

/** Whether a list follows its heading, or a line such as "See also:". */
function isIntroduced(before: readonly RootContent[], row: RootContent): boolean {
  if (!isElement(row, "ul", "ol", "dl", "table", "p", "div")) return false;
  const last = before.find((node) => !isBlank(node));
  return last !== undefined && (isHeading(last) || /[:：]$/.test(textOf(last)));
}
