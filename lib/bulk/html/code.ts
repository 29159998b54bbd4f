import type { Element, RootContent } from "hast";
import { elementsIn, isElement, namesOf, type Parent, setChildren, text, textOf } from "./nodes.ts";

const NUMBERS = /^(?:linenos?|line-?numbers?|lineno|gutter|ln|hljs-ln-numbers|blob-num|lnt|linenodiv)$/;
const IS_COUNT = /^[\d\s|.]*$/;

/** Whether an element has the numbers of lines beside code, or a control of the code, and no code. */
export function isLineNumbers(node: RootContent): boolean {
  return isElement(node) && IS_COUNT.test(textOf(node)) && namesOf(node).some((name) => NUMBERS.test(name));
}

/** A table with line numbers in one cell and code in the other, as highlighters make them: the code. */
export function codeOfTable(table: Element): Element | undefined {
  const numbers = [...elementsIn(table)].filter(isLineNumbers);
  const code = [...elementsIn(table)].filter((node) => isElement(node, "pre") && !IS_COUNT.test(textOf(node)));
  return numbers.length > 0 && code.length === 1 ? code[0] : undefined;
}

/** Leaves only text in code, with line breaks where the page shows them. */
export function plainCode(pre: Element): void {
  const visit = (parent: Parent): void => {
    setChildren(
      parent,
      (parent.children as RootContent[]).flatMap((child): RootContent[] => {
        if (!isElement(child)) return [child];
        if (isLineNumbers(child) || isElement(child, "button")) return [];
        if (isElement(child, "br")) return [text("\n")];
        visit(child);
        return [child];
      }),
    );
  };
  visit(pre);
}
