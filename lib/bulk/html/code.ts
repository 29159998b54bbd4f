import type { Element, RootContent } from "hast";
import { lettersIn } from "./links.ts";
import { element, elementsIn, isBlock, isElement, namesOf, type Parent, setChildren, text, textOf } from "./nodes.ts";

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
  const [only, ...more] = pre.children.filter((child) => textOf(child) !== "");
  const code = more.length === 0 && isElement(only, "code") ? only : pre;
  let value = "";
  const visit = (parent: Parent): void => {
    for (const child of parent.children) {
      if (child.type === "text") value += child.value;
      if (!isElement(child) || isLineNumbers(child)) continue;
      const isLine = isBlock(child);
      if (isElement(child, "br") || (isLine && value !== "" && !value.endsWith("\n"))) value += "\n";
      visit(child);
      if (isLine && !value.endsWith("\n")) value += "\n";
    }
  };
  visit(code);
  setChildren(code, [text(value)]);
}

const WORDS = 60;
const SENTENCES = 3;
/** Of signs that code has, to letters. */
const MAX_SIGNS = 0.03;

/** The paragraphs of text that is only preformatted, such as a mail in an archive; `undefined` for code. */
export function proseOf(pre: Element): Element[] | undefined {
  const value = pre.children.map((child) => (child.type === "text" ? child.value : "")).join("");
  const words = value.match(/\p{L}{2,}/gu)?.length ?? 0;
  const signs = value.match(/[{}<>;=$|\\#&*+_~^`]/g)?.length ?? 0;
  const sentences = value.match(/\p{L}[.!?](?=\s|$)/gu)?.length ?? 0;
  if (words < WORDS || sentences < SENTENCES || signs > MAX_SIGNS * lettersIn(value)) return undefined;
  const paragraphs = value.split(/\n[ \t]*\n|\n(?=[ \t]*(?:[-*•>]|\d{1,3}[.)])[ \t])/);
  return paragraphs
    .filter((part) => part.trim() !== "")
    .map((part) => element("p", [text(part.replace(/\s+/g, " ").trim())]));
}
