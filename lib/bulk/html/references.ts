import type { Element, RootContent } from "hast";
import { fragmentOf, isLink } from "./links.ts";
import { attribute, elementsIn, hasBlocks, isElement, namesOf, textOf } from "./nodes.ts";

const HAS_WORD = /[\p{L}\p{N}]/u;
const PERMALINK =
  /^(?:headerlink|permalink|header-?anchor|anchor|anchorjs-link|hash-link|heading-link|headinglink|self-link|anchor-link)$/;
const PERMALINK_TEXT =
  /^(?:(?:direct |permanent )?link (?:to|for) (?:this|the)\b.*|permalink.*|permanent link|anchor|link|copy link|edit)$/i;
const NOTE_NUMBER = /^[[(]?\s*(?:(?:note|nb|fn|ref)\.?\s*)?(?:\d{1,3}|[a-z]|[*†‡§]+)\s*[\])]?$/i;
/** An address that leads somewhere by itself, wherever the text is read. */
const ABSOLUTE = /^(?:https?|mailto|tel|ftp|doi|urn):/i;

/** Whether an element is the mark of a footnote in the text, or the way back from it. */
export function isNoteMark(node: Element): boolean {
  if (isElement(node, "sup")) {
    const links = [...elementsIn(node)].filter(isLink);
    return links.length > 0 && links.every((link) => leadsToNote(link)) && NOTE_NUMBER.test(textOf(node));
  }
  if (!isLink(node)) return false;
  // The way back may be the number of the note.
  if (/^(?:\P{L}*|a|b|back)$/iu.test(textOf(node)) && /backlink/.test(attribute(node, "role")))
    return !/\d/.test(textOf(node));
  const role = `${attribute(node, "role")} ${attribute(node, "epubType")} ${attribute(node, "epub:type")}`;
  if (
    /noteref/.test(role) ||
    namesOf(node).some((name) => /^(?:footnote-?ref|footnote-?back|footnote-backref)$/.test(name))
  )
    return true;
  const [only, ...others] = node.children.filter((child) => textOf(child) !== "");
  return leadsToNote(node) && others.length === 0 && isElement(only, "sup") && NOTE_NUMBER.test(textOf(node));
}

function leadsToNote(link: Element): boolean {
  return fragmentOf(link) !== undefined || /#.*(?:fn|ftn|note|cite)/i.test(attribute(link, "href"));
}

/** The mark with which a heading or a term links to itself: ¶, #, or a word that is shown when the pointer is there. */
export function isPermalink(node: RootContent): boolean {
  if (!isLink(node)) return false;
  const label = textOf(node);
  if (!HAS_WORD.test(label)) return fragmentOf(node) !== undefined;
  return (
    PERMALINK_TEXT.test(label) && (fragmentOf(node) !== undefined || namesOf(node).some((name) => PERMALINK.test(name)))
  );
}

/** A link as Markdown has it when its address is of use to a reader; otherwise its text. */
export function plainLink(node: Element, children: RootContent[]): RootContent {
  const href = attribute(node, "href").trim();
  if (ABSOLUTE.test(href) && !hasBlocks(node)) return { ...node, properties: { href }, children } as Element;
  return { ...node, tagName: hasBlocks(node) ? "div" : "span", properties: {}, children } as Element;
}
