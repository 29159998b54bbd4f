import type { Element } from "hast";
import { fragmentOf, isLink, isMostlyLinks, lettersIn, linksIn, shareOf } from "./links.ts";
import { attribute, contains, elementsIn, isElement, namesOf, textOf } from "./nodes.ts";

const NAVIGATION =
  /^(?:nav|navbar|navheader|navfooter|navigation|navlinks|menu|menubar|breadcrumbs?|crumbs|pagination|pager|prevnext|languages?|share|social|sharing|toolbar|navbox|catlinks)$/;
/** May as well be the content of a page that is an index. */
const LISTS = /^(?:sidebar|sphinxsidebar|related|toc|contents)$/;
const FOOTER = /^(?:footer|colophon|copyright|page-footer|site-footer)$/;
const NOTE =
  /^(?:note|notes|notice|warning|warn|tip|hint|caution|important|danger|info|attention|admonition|callout|alert|remark|example)$/;
const SURROUNDING = /^(?:sidebar|related|promo|ad|ads|advert\w*|newsletter|toc|menu|nav|social|share|banner|teaser)$/;
const COOKIES =
  /^(?:onetrust.*|.*cookie-?(?:banner|consent|notice|bar|popup|law|overlay|dialog).*|.*consent-?(?:banner|dialog).*|cc-window|gdpr-.*)$/;
const TOOLS =
  /^(?:(?:skip|jump) (?:to|over|navigation)\b.*|edit (?:this|on|page)\b.*|improve this page|(?:view|show|page) (?:the )?source|report (?:a|an) (?:bug|issue)|share(?: (?:this|on) .*)?|tweet|print(?: this page)?|back to top|to top|top|copy link)$/i;
const COPYRIGHT = /©|\bcopyright\b|all rights reserved/i;
const SENTENCE_LETTERS = 30;
/** Of a list with "next page", when there is no next one. */
const SHORT_LETTERS = 100;
/** Letters of "Available languages:", and of the title of a chapter, beside such links. */
const MAX_WAY_LABEL = 40;
const MAX_WAY_TITLE = 80;
const PROSE_LETTERS = 60;
const LONG_PROSE_LETTERS = 400;

/** Where an element is, and which places of the page a link can lead to. */
export interface Surroundings {
  /** Within an article, a section or the main part: its header and footer belong to that. */
  isInPart: boolean;
  anchors: ReadonlySet<string>;
  care: Care;
}

/** What decides what is furniture: roles only, also names, or also what links look like. Each may be too much for a page. */
export type Care = "roles" | "names" | "guess";

/** What an element is if it is no part of the content, such as "navigation". */
export function furnitureOf(node: Element, surroundings: Surroundings): string | undefined {
  const byRole = furnitureByRole(node, surroundings);
  if (byRole !== undefined || surroundings.care === "roles") return byRole;
  const byName = furnitureByName(node);
  return byName !== undefined || surroundings.care === "names" ? byName : furnitureByGuess(node, surroundings);
}

/**
 * What an element is when it certainly is no part of the content, by its element and role: navigation, search, a header
 * or footer that is mostly links or says hardly anything, an aside that is no note.
 */
function furnitureByRole(node: Element, { isInPart }: Surroundings): string | undefined {
  const role = attribute(node, "role");
  const { tagName } = node;
  if (role === "search" || tagName === "search") return "search";
  if (role === "dialog" || role === "alertdialog") return "dialog";
  const isNavigation = tagName === "nav" || /^(?:navigation|menu|menubar)$/.test(role);
  if (isNavigation) return isText(node, LONG_PROSE_LETTERS) ? undefined : "navigation";
  if (tagName === "aside" || role === "complementary") return isAside(node, isInPart) ? "aside" : undefined;
  if (isInPart) return undefined;
  if (tagName === "header" || role === "banner") return isText(node, SENTENCE_LETTERS) ? undefined : "header";
  if (tagName === "footer" || role === "contentinfo") return isFooter(node) ? "footer" : undefined;
  return undefined;
}

/** What an element is by the names that its author gave it, if it also looks like it. */
function furnitureByName(node: Element): string | undefined {
  const names = namesOf(node);
  const { letters } = shareOf(node);
  if (names.some((name) => COOKIES.test(name)) && letters < 3_000) return "cookie notice";
  if (isSearch(node, names)) return "search";
  if (isTool(node) || (names.some((name) => /^edit-?(?:section|link)$/.test(name)) && letters < 20))
    return "page tools";
  const least = letters < SHORT_LETTERS ? 0.3 : 0.6;
  if (names.some((name) => NAVIGATION.test(name)) && isMostlyLinks(node, least)) return "navigation";
  if (names.some((name) => FOOTER.test(name)) && COPYRIGHT.test(textOf(node)) && isFooter(node)) return "footer";
  if (/^navigation (?:header|footer)$/i.test(attribute(node, "summary"))) return "navigation";
  return undefined;
}

/** What an element is by its links: a guess, wrong for pages of links only. */
function furnitureByGuess(node: Element, { anchors }: Surroundings): string | undefined {
  const { letters, links } = shareOf(node);
  if (links < 2) return undefined;
  const isList = isElement(node, "ul", "ol", "dl", "div", "p", "table");
  if (isList && links >= 3 && isOwnContents(node, anchors)) return "table of contents";
  if (isMostlyLinks(node, 0.6) && namesOf(node).some((name) => LISTS.test(name))) return "table of contents";
  return isList && letters < 300 && isWayOn(node) ? "navigation" : undefined;
}

/** "Previous, up, next", or the languages of a page, by what the links say of themselves. */
function isWayOn(node: Element): boolean {
  const links = linksIn(node);
  const { letters, linked } = shareOf(node);
  if (links.length < 2 || contains(node, "h1", "h2", "h3", "h4", "pre")) return false;
  const isTranslation = (link: Element): boolean => attribute(link, "hrefLang") !== "";
  if (links.filter(isTranslation).length > links.length / 2) return letters - linked <= MAX_WAY_LABEL;
  const isStep = (link: Element): boolean =>
    /^(?:prev|next|start|up|home|contents)$/.test(attribute(link, "rel")) ||
    /^[pnuh]$/.test(attribute(link, "accessKey"));
  return links.some(isStep) && links.length < 8 && letters - linked <= MAX_WAY_TITLE;
}

/** A list of links to the headings of the same page, which say the same. */
function isOwnContents(node: Element, anchors: ReadonlySet<string>): boolean {
  if (!isMostlyLinks(node, 0.9)) return false;
  return linksIn(node).every((link) => anchors.has(fragmentOf(link) ?? ""));
}

/** Text of some length that is not links. */
function isText(node: Element, letters: number): boolean {
  const share = shareOf(node);
  return share.letters - share.linked >= letters && share.linked < share.letters / 2;
}

function isFooter(node: Element): boolean {
  const { letters } = shareOf(node);
  return !isText(node, PROSE_LETTERS) || (COPYRIGHT.test(textOf(node)) && letters < LONG_PROSE_LETTERS);
}

/** Whether an aside stands beside the content; notes and warnings are asides in many generators, and part of it. */
function isAside(node: Element, isInPart: boolean): boolean {
  const names = namesOf(node);
  if (attribute(node, "role") === "note" || names.some((name) => NOTE.test(name))) return false;
  if (isMostlyLinks(node, 0.5) || names.some((name) => SURROUNDING.test(name))) return true;
  return !isInPart && lettersIn(textOf(node)) < 20;
}

/** A form to search with, and what it offers to choose from. */
function isSearch(node: Element, names: readonly string[]): boolean {
  const isNamed =
    names.some((name) => /^search/.test(name)) ||
    (isElement(node, "form") && /search/i.test(attribute(node, "action")));
  return (
    isNamed &&
    shareOf(node).letters < 200 &&
    !/[.!?]$/.test(textOf(node)) &&
    !contains(node, "p", "h1", "h2", "pre", "table")
  );
}

/** "Skip to content", "Edit this page" and the like, when it stands alone. */
function isTool(node: Element): boolean {
  if (isLink(node))
    return (
      TOOLS.test(textOf(node)) &&
      (/^(?:skip|jump)/i.test(textOf(node)) || namesOf(node).some((name) => /^(?:skip|edit)/.test(name)))
    );
  if (isElement(node, "li", "td", "dd")) return false;
  const links = linksIn(node);
  return links.length > 0 && isMostlyLinks(node, 0.9) && links.every((link) => TOOLS.test(textOf(link)));
}

/** The ids and names of a page. */
export function anchorsOf(page: Element): Set<string> {
  const anchors = new Set<string>();
  for (const node of elementsIn(page)) {
    for (const name of ["id", "name"]) if (attribute(node, name) !== "") anchors.add(attribute(node, name));
  }
  return anchors;
}
