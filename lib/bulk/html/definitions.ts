import type { Element, RootContent } from "hast";
import { measured } from "./links.ts";
import { element, hasBlocks, isElement, isHeading, type Parent, text, textOf } from "./nodes.ts";

/** A longer definition is a section, with the term as its heading. */
const MAX_DEFINITION_LETTERS = 400;
const MAX_TERM_LETTERS = 150;

export interface Definition {
  terms: Element[];
  /** `<dd>`, and whatever else stands between terms. */
  bodies: RootContent[];
}

/** Each term with its definitions, and several terms that share them. */
export function definitionsOf(list: Element): Definition[] {
  const children = list.children.flatMap((child) => (isElement(child, "div") ? child.children : [child]));
  const groups: Definition[] = [];
  for (const child of children) {
    const last = groups.at(-1);
    const isTerm = isElement(child, "dt");
    if (!isTerm && textOf(child) === "") continue;
    if (isTerm && (last === undefined || last.bodies.length > 0)) groups.push({ terms: [child], bodies: [] });
    else if (isTerm) last?.terms.push(child);
    else if (last) last.bodies.push(child);
    else groups.push({ terms: [], bodies: [child] });
  }
  return groups.flatMap((group) =>
    group.bodies.length > 0 ? [group] : group.terms.map((term) => ({ terms: [term], bodies: [] })),
  );
}

/**
 * The definitions as sections, when one is so long that its end would be read without its term. Only where no other text
 * follows, which would seem to belong to the last term.
 */
export function sectionsOf(list: Element, parent: Parent, level: number): Element[] | undefined {
  const groups = definitionsOf(list);
  const isLong = groups.some(({ bodies }) => measured(element("div", bodies)).letters > MAX_DEFINITION_LETTERS);
  const hasShortTerms = groups.every(
    ({ terms }) => terms.length > 0 && textOf(element("p", terms)).length <= MAX_TERM_LETTERS,
  );
  if (!isLong || !hasShortTerms || level >= 6 || !isLast(list, parent)) return undefined;
  return groups.map(({ terms, bodies }) => {
    return element("div", [
      element(`h${level + 1}`, termsOf({ terms, bodies })),
      ...bodies.map((body) => (isElement(body, "dd") ? element("div", body.children) : body)),
    ]);
  });
}

/** The terms on one line, with commas between them. */
export function termsOf({ terms }: Definition): RootContent[] {
  return terms.flatMap((term, index) => {
    const line = term.children.filter((child) => !isElement(child, "br"));
    const blank = line.findLastIndex((child) => textOf(child) !== "") + 1;
    return [...(index > 0 ? [text(", ")] : []), ...line.slice(0, blank)];
  });
}

function isLast(node: Element, parent: Parent): boolean {
  const children = parent.children as RootContent[];
  const after = children.slice(children.indexOf(node) + 1).filter((child) => textOf(child) !== "");
  const [next] = after.filter((child) => !isElement(child, "dl"));
  return next === undefined || isHeading(next) || isElement(next, "section", "article");
}

/** Whether a definition can stand behind its term on one line. */
export function isOneLine({ bodies: [body, ...more] }: Definition): boolean {
  if (more.length > 0 || !isElement(body, "dd")) return false;
  const blocks = body.children.filter((child) => textOf(child) !== "");
  return blocks.length === 1 && isElement(blocks[0], "p") ? true : !hasBlocks(body);
}
