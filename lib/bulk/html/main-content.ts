import type { Element, Root, RootContent } from "hast";
import type { LeftOut } from "#bulk/readers/content.ts";
import { removeEdges } from "./edges.ts";
import { anchorsOf, furnitureByGuess, furnitureByRole, type Surroundings } from "./furniture.ts";
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

/** `<main>` is believed when it has this share of the text that is no furniture. */
const MAIN_SHARE = 1 / 3;
/** So much text besides headings and links makes a page more than an index. */
const TEXT_LETTERS = 20;

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
  const whole = structuredClone(body);
  const strict = selected(body, true);
  if (ownLetters(strict.content) >= TEXT_LETTERS) return strict;
  const lenient = selected(whole, false);
  return ownLetters(lenient.content) + measured(lenient.content).linked > ownLetters(strict.content) ? lenient : strict;
}

function selected(body: Element, isStrict: boolean): MainContent {
  const account = openAccount();
  wrapLoose(body);
  const anchors = anchorsOf(body);
  const mains = outermost(body, (node) => isElement(node, "main") || attribute(node, "role") === "main");
  const cleaned = clean(body, { isInPart: false, anchors }, isStrict, account);
  const letters = measured(cleaned).letters;
  const articles = [...elementsIn(cleaned)].filter((node) => isElement(node, "article"));
  const chosen = mains.length > 0 ? mains : articles.length === 1 ? articles : [];
  const least = mains.length > 0 ? MAIN_SHARE : 1 / 2;
  const content = element("div", chosen);
  const size = measured(content).letters;
  const isChosen = size > 0 && size >= least * letters;
  if (isChosen) addRest(cleaned, new Set(chosen), account);
  const result = isChosen ? content : cleaned;
  if (isStrict) {
    removeEdges(result, account);
    removeSiteHeading(result, account);
  }
  return { content: result, leftOut: account.total() };
}

/** Removes what is no content, in place. */
function clean<P extends Parent>(parent: P, surroundings: Surroundings, isStrict: boolean, account: Account): P {
  const kept = (parent.children as RootContent[]).flatMap((child): RootContent[] => {
    if (!isElement(child)) return [child];
    const kind = furnitureByRole(child, surroundings) ?? (isStrict ? furnitureByGuess(child, surroundings) : undefined);
    if (kind === undefined) return [clean(child, within(child, surroundings), isStrict, account)];
    const headings =
      kind === "header" ? [...elementsIn(child)].filter((node) => isHeading(node) && !isMostlyLinks(node, 0.5)) : [];
    setChildren(
      child,
      (child.children as RootContent[]).filter((node) => !headings.includes(node as Element)),
    );
    account.add(kind, child);
    return headings;
  });
  setChildren(parent, kept);
  return parent;
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
        wrapped.push(
          ...(run.some((node) => textOf(node) !== "") ? [element("p", run)] : run),
          ...(child ? [child] : []),
        );
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
