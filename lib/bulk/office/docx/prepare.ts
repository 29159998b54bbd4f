import type { LeftOutCount } from "#bulk/office/package.ts";
import {
  attributeOf,
  childAt,
  childrenOf,
  descendants,
  isElement,
  textOfAll,
  type XmlElement,
  type XmlNode,
} from "#bulk/office/xml.ts";
import { equationText } from "./equation.ts";
import type { Role } from "./headings.ts";

const OFF = /^(?:0|false|off)$/;
const MAX_LEVEL = 6;
/** Characters of the name of a column. */
const MAX_NAME = 80;

/**
 * Makes of a part of a Word document, in place, what Mammoth reads as it is shown with all changes accepted: without
 * deleted and hidden text and tables of contents, with text boxes after the paragraph that they are anchored in, formulas
 * as text, and headings by the names of styles that Mammoth knows. Under a title, headings are one level deeper.
 *
 * @param leftOut counts what goes
 */
export function prepareDocx(part: XmlElement, roleOf: (paragraph: XmlElement) => Role, leftOut: LeftOutCount): void {
  const hasTitle = [...descendants(part, "p")].some((paragraph) => isTitle(paragraph));
  let boxes: XmlNode[] = [];

  function isTitle(paragraph: XmlElement): boolean {
    return roleOf(paragraph) === "title" && textOfAll(paragraph, "t").trim() !== "";
  }

  function visit(parent: XmlElement): void {
    parent.children = parent.children.flatMap((node) => (isElement(node) ? visited(node) : [node]));
  }

  function visited(node: XmlElement): XmlNode[] {
    switch (node.name) {
      // Within properties these mark a paragraph or a row.
      case "pPr":
      case "rPr":
      case "trPr":
        return [node];
      case "del":
      case "moveFrom":
        leftOut.add("deleted text", `${textOfAll(node, "delText")}${textOfAll(node, "t")}`);
        return [];
      case "r":
        return isHidden(node) ? hidden(node) : inner(node);
      case "oMath":
        return [runOf(equationText(node))];
      case "sdt":
        return isContents(node) ? contents(node) : inner(node);
      case "p":
        return paragraph(node);
      case "tbl":
        nameColumns(node);
        return inner(node);
      case "AlternateContent":
        return childrenOf(childAt(node, "Choice") ?? childAt(node, "Fallback")).flatMap(visited);
      case "drawing":
      case "pict":
      case "object":
        for (const box of outermost(node, "txbxContent")) boxes.push(...inner(box).flatMap(childrenIn));
        return [];
      default:
        return inner(node);
    }
  }

  function inner(node: XmlElement): XmlNode[] {
    visit(node);
    return [node];
  }

  function hidden(node: XmlElement): XmlNode[] {
    leftOut.add("hidden text", textOfAll(node, "t"));
    return [];
  }

  function contents(node: XmlElement): XmlNode[] {
    leftOut.add("table of contents", textOfAll(node, "t"));
    return [];
  }

  function paragraph(node: XmlElement): XmlNode[] {
    const role = roleOf(node);
    if (role === "contents") return contents(node);
    const outer = boxes;
    boxes = [];
    visit(node);
    const after = boxes;
    boxes = outer;
    const level = role === "title" ? 1 : role && role.level + (hasTitle ? 1 : 0);
    if (level !== undefined) setHeading(node, Math.min(level, MAX_LEVEL));
    return [node, ...after];
  }

  visit(part);
}

/** Most tables have the names of their columns in the first row and do not say so. */
function nameColumns(table: XmlElement): void {
  const [first, ...others] = childrenOf(table, "tr");
  if (first === undefined || others.length === 0) return;
  if ([first, ...others].some((row) => childAt(row, "trPr", "tblHeader"))) return;
  const names = childrenOf(first, "tc").map((cell) => textOfAll(cell, "t").trim());
  if (names.filter(Boolean).length < 2 || names.some((name) => name.length > MAX_NAME)) return;
  const properties = childAt(first, "trPr");
  if (properties) properties.children.push(word("tblHeader", []));
  else first.children.unshift(word("trPr", [word("tblHeader", [])]));
}

function isHidden(run: XmlElement): boolean {
  const vanish = childAt(run, "rPr", "vanish");
  return vanish !== undefined && !OFF.test(attributeOf(vanish, "val") ?? "on");
}

function isContents(block: XmlElement): boolean {
  return attributeOf(childAt(block, "sdtPr", "docPartObj", "docPartGallery"), "val") === "Table of Contents";
}

function childrenIn(node: XmlNode): XmlNode[] {
  return isElement(node) ? node.children : [];
}

/** Elements of that name that are not within another. Of an alternative, only the first is looked at. */
function outermost(element: XmlElement, name: string): XmlElement[] {
  return childrenOf(element).flatMap((child) => {
    if (child.name === name) return [child];
    if (child.name !== "AlternateContent") return outermost(child, name);
    const [choice] = childrenOf(child);
    return choice ? outermost(choice, name) : [];
  });
}

function runOf(text: string): XmlElement {
  return word("r", [word("t", [text], { "xml:space": "preserve" })]);
}

function setHeading(paragraph: XmlElement, level: number): void {
  const style = word("pStyle", [], { "w:val": `Heading${level}` });
  const others = childrenOf(childAt(paragraph, "pPr")).filter(({ name }) => name !== "pStyle" && name !== "numPr");
  const content = paragraph.children.filter((child) => !isElement(child) || child.name !== "pPr");
  paragraph.children = [word("pPr", [style, ...others]), ...content];
}

function word(name: string, children: XmlNode[], attributes: XmlElement["attributes"] = {}): XmlElement {
  return { name, tag: `w:${name}`, attributes, children };
}
