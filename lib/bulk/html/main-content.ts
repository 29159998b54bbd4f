import type { Element, ElementContent, Root, RootContent } from "hast";
import type { LeftOut } from "#bulk/readers/content.ts";
import { removeEdges } from "./edges.ts";
import { anchorsOf, type Care, furnitureOf, type Surroundings } from "./furniture.ts";
import { type Account, openAccount } from "./left-out.ts";
import { isMostlyLinks, leadsHome, linksIn, measured } from "./links.ts";
import {
  attribute,
  element,
  elementsIn,
  hasBlocks,
  isBlock,
  isElement,
  isHeading,
  type Parent,
  setChildren,
  textOf,
} from "./nodes.ts";

/** `<main>` and the only `<article>` are believed when they have this share of the text that is no furniture. */
const MAIN_SHARE = 1 / 2;
const ARTICLE_SHARE = 2 / 3;
/** So much text besides headings and links makes a page more than an index; with a sentence in it, less does. */
const PAGE_LETTERS = 120;
const TEXT_LETTERS = 20;
const SENTENCE = /\p{L}[.!?。！？](?:\s|$)/u;
/** What is left out may be so many times longer. */
const MAX_LEFT_OUT = 30;

export interface MainContent {
  content: Element;
  leftOut: LeftOut[];
}

/**
 * The part of a page that it is about, without what surrounds it: `<main>`, or the only `<article>` if it has most of the
 * text, or else the body; without navigation, headers, footers and asides that hardly say anything. Of a page that has
 * nothing but links, these are the content.
 */
export function mainContentOf(page: Root): MainContent {
  const body =
    [...elementsIn(page)].find((node) => isElement(node, "body", "frameset")) ??
    element("body", page.children as RootContent[]);
  wrapLoose(body);
  const strict = selected(body, "guess");
  if (isPage(strict)) return strict;
  const named = selected(body, "names");
  return measured(named.content).letters >= TEXT_LETTERS ? named : selected(body, "roles");
}

/** Whether it is more than the rest of a page whose content are its links. */
function isPage({ content, leftOut }: MainContent): boolean {
  const letters = ownLetters(content);
  const without = leftOut.reduce((sum, { characters }) => sum + characters, 0);
  return (
    letters >= PAGE_LETTERS ||
    (letters >= TEXT_LETTERS && without < MAX_LEFT_OUT * letters && SENTENCE.test(textOf(content)))
  );
}

function selected(body: Element, care: Care): MainContent {
  const account = openAccount();
  const anchors = anchorsOf(body);
  const cleaned = clean(body, { isInPart: false, anchors, care }, account);
  const letters = measured(cleaned).letters;
  const mains = outermost(cleaned, (node) => isElement(node, "main") || attribute(node, "role") === "main");
  const articles = [...elementsIn(cleaned)].filter((node) => isElement(node, "article"));
  const chosen = mains.length > 0 ? mains : articles.length === 1 ? articles : [];
  const least = mains.length > 0 ? MAIN_SHARE : ARTICLE_SHARE;
  const content = element("div", chosen);
  const size = measured(content).letters;
  const isChosen = size > 0 && size >= least * letters;
  if (isChosen) addRest(cleaned, new Set(chosen), account);
  const result = isChosen ? content : cleaned;
  if (care === "guess") removeEdges(result, account);
  removeSiteHeading(result, account);
  return { content: result, leftOut: account.total() };
}

/** A copy without what is no content. */
function clean(parent: Element, surroundings: Surroundings, account: Account): Element {
  const { children } = parent;
  const kept: RootContent[] = [];
  for (const [position, child] of children.entries()) {
    if (!isElement(child)) {
      kept.push(child);
      continue;
    }
    const kind = furnitureOf(child, surroundings);
    if (kind === undefined) {
      kept.push(clean(child, within(child, surroundings), account));
      continue;
    }
    if (kind === "header") {
      const { headings, rest } = takeHeadings(child);
      kept.push(...headings);
      account.add(kind, rest);
      continue;
    }
    if (kind === "table of contents") account.add(kind, ...takeTitle(kept, children.slice(position + 1)));
    account.add(kind, child);
  }
  return { ...parent, children: kept as ElementContent[] };
}

/** The headings in a header, and a copy of it without them. */
function takeHeadings(header: Element): { headings: Element[]; rest: Element } {
  const headings: Element[] = [];
  const children = header.children.flatMap((child): ElementContent[] => {
    if (!isElement(child)) return [child];
    if (isHeading(child) && !isMostlyLinks(child, 0.5)) {
      headings.push(child);
      return [];
    }
    const inner = takeHeadings(child);
    headings.push(...inner.headings);
    return [inner.rest];
  });
  return { headings, rest: { ...header, children } };
}

/** The heading of a list of contents that is left out, if there is nothing else under it: it is taken out. */
function takeTitle(before: RootContent[], after: readonly RootContent[]): RootContent[] {
  const last = before.findLastIndex((node) => textOf(node) !== "");
  const title = before[last];
  const next = after.find((node) => textOf(node) !== "");
  const isOver = next === undefined || isHeading(next) || isElement(next, "section");
  return title && isHeading(title) && title.tagName !== "h1" && isOver ? before.splice(last, 1) : [];
}

/** Makes paragraphs of the text and links that stand between blocks, as browsers do. */
function wrapLoose(parent: Parent): void {
  const children = parent.children as RootContent[];
  const isFlow = (node: RootContent): boolean => isBlock(node) || (isElement(node) && hasBlocks(node));
  if (
    children.some(isFlow) &&
    !isElement(parent, "table", "thead", "tbody", "tfoot", "tr", "dl", "ul", "ol", "details")
  ) {
    const wrapped: RootContent[] = [];
    let run: RootContent[] = [];
    for (const child of [...children, undefined]) {
      if (child !== undefined && !isFlow(child)) run.push(child);
      else {
        const isBlank = run.every((node) => textOf(node) === "");
        const kept = isBlank ? run.filter((node) => !isElement(node, "br")) : [element("p", run)];
        wrapped.push(...kept, ...(child ? [child] : []));
        run = [];
      }
    }
    setChildren(parent, wrapped);
  }
  for (const child of parent.children) if (isElement(child) && !isElement(child, "pre")) wrapLoose(child);
}

/** Such as `<h1><a href="/">Acme</a></h1>` above the heading of the page. */
function removeSiteHeading(content: Element, account: Account): void {
  const [first, second] = [...elementsIn(content)].filter(isHeading);
  if (!first || !second || !isMostlyLinks(first, 0.9)) return;
  if (!linksIn(first).every(leadsHome) && attribute(first, "id") !== "header") return;
  account.add("header", first);
  first.tagName = "div";
  setChildren(first, []);
}

function within(node: Element, surroundings: Surroundings): Surroundings {
  const isPart = isElement(node, "main", "article", "section") || attribute(node, "role") === "main";
  return isPart ? { ...surroundings, isInPart: true } : surroundings;
}

function outermost(parent: Parent, test: (node: Element) => boolean): Element[] {
  return (parent.children as RootContent[]).flatMap((child) => {
    if (!isElement(child)) return [];
    return test(child) ? [child] : outermost(child, test);
  });
}

/** Counts what is beside the chosen elements. */
function addRest(parent: Parent, chosen: ReadonlySet<RootContent>, account: Account): void {
  for (const child of parent.children as RootContent[]) {
    if (chosen.has(child)) continue;
    const hasChosen = isElement(child) && [...elementsIn(child)].some((node) => chosen.has(node));
    if (isElement(child) && hasChosen) addRest(child, chosen, account);
    else account.add("outside of the main part", child);
  }
}

/** Letters that are in no heading and no link. */
function ownLetters(node: Element): number {
  const { letters, linked } = measured(node);
  const inHeadings = [...elementsIn(node)].filter((inner) => isHeading(inner));
  return (
    letters -
    linked -
    inHeadings.reduce((sum, heading) => sum + textOf(heading).replace(/[^\p{L}\p{N}]/gu, "").length, 0)
  );
}
