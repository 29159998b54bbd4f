import type { Element, RootContent } from "hast";
import { codeOfTable, isLineNumbers, plainCode, proseOf } from "./code.ts";
import { isOpener } from "./controls.ts";
import { sectionsOf } from "./definitions.ts";
import { withHeadings } from "./headings.ts";
import { contains, element, isBlock, isElement, isHeading, type Parent, setChildren, text, textOf } from "./nodes.ts";
import { panelsOf, questionAs } from "./panels.ts";
import { isNoteMark, isPermalink, plainLink } from "./references.ts";
import { rubyText } from "./ruby.ts";
import { exponent, index } from "./scripts.ts";
import { plainTable } from "./tables.ts";

/** How much of the text before a superscript decides what it means. */
const BEFORE = 30;

/**
 * Makes of a page, in place, what Markdown can have: superscripts and formulas as text, tables with one row of names,
 * links without the addresses that lead nowhere by themselves, questions that are opened by a click as headings, and
 * without the marks that are there to click on.
 */
export function prepare(content: Element): void {
  const panels = panelsOf(content);
  let before = "";
  let level = 0;
  let isInHeading = false;

  function visit(parent: Parent): void {
    const children = parent.children as RootContent[];
    const kept: RootContent[] = [];
    for (let position = 0; position < children.length; position += 1) {
      const child = children[position];
      if (child === undefined) continue;
      if (isElement(child, "ruby")) {
        const run = [child];
        for (let next = children[position + 1]; isElement(next, "ruby"); next = children[position + 1]) {
          run.push(next);
          position += 1;
        }
        kept.push(...prepared(rubyText(run), parent));
      } else {
        const next = children[position + 1];
        kept.push(...prepared(child, parent, next?.type === "text" ? next.value : ""));
      }
    }
    setChildren(parent, kept);
  }

  function prepared(node: RootContent, parent: Parent, after = ""): RootContent[] {
    if (node.type === "text") {
      before = (before + node.value.slice(-BEFORE)).slice(-BEFORE);
      return [node];
    }
    if (!isElement(node) || isLineNumbers(node)) return [];
    if (isNoteMark(node) || isPermalink(node)) return [];
    if (isBlock(node)) before = "";
    if (isOpener(node) && !isElement(node, "button") && textOf(node) === textOf(parent)) {
      visit(node);
      return questionAs(node, parent, level);
    }
    switch (node.tagName) {
      case "sup":
        return prepared(text(exponent(before, textOf(node), after)), parent);
      case "sub":
        return prepared(text(index(before, textOf(node))), parent);
      case "wbr":
        return [];
      case "br":
        return isInHeading ? [text(" ")] : [node];
      case "a":
        visit(node);
        return "href" in node.properties && node.children.length === 0 ? [] : [plainLink(node, node.children)];
      case "pre":
      case "listing":
        plainCode(node);
        return proseOf(node) ?? [node];
      case "table":
        return table(node, parent);
      case "dl":
        return definitions(node, parent);
      case "blockquote":
        // Of a table or code, as old pages indent them, it is no quotation.
        visit(node);
        return [contains(node, "table", "pre", "dl") ? { ...node, tagName: "div" } : node];
      case "summary":
        visit(node);
        return questionAs(node, parent, level);
      case "button":
        visit(node);
        return isOpener(node) ? questionAs(node, parent, level) : node.children;
      default:
        return other(node);
    }
  }

  function other(original: Element): RootContent[] {
    const node = withHeadings(original);
    if (isHeading(node)) {
      level = Number(node.tagName.slice(1));
      isInHeading = true;
    }
    const label = panels.labelOf(original);
    visit(node);
    if (isHeading(node)) isInHeading = false;
    if (isBlock(node)) before = "";
    if (panels.isTab(original)) return [];
    if (isElement(node, "li", "ul", "ol") && textOf(node) === "" && !contains(node, "input")) return [];
    if (label !== undefined) setChildren(node, [element("p", [element("strong", [text(label)])]), ...node.children]);
    return [node];
  }

  function table(node: Element, parent: Parent): RootContent[] {
    const code = codeOfTable(node);
    if (code) return prepared(code, parent);
    const parts = plainTable(node);
    const result = element("div", parts);
    for (const part of parts) {
      if (isElement(part, "table")) visit(part);
      else
        setChildren(
          result,
          result.children.flatMap((child) => (child === part ? prepared(part, result) : [child])),
        );
    }
    return [result];
  }

  function definitions(node: Element, parent: Parent): RootContent[] {
    const base = level;
    const sections = sectionsOf(node, parent, base);
    if (sections === undefined) {
      visit(node);
      return [node];
    }
    const parts = sections.flatMap((section) => {
      level = base;
      return prepared(section, parent);
    });
    level = base;
    return parts;
  }

  visit(content);
}
