import type { Element, RootContent } from "hast";
import { attribute, isElement } from "./nodes.ts";
import { exponent, index } from "./scripts.ts";

/** A formula in MathML as one line: its TeX source where the page has it, or else `x^2/(y + 1)`. */
export function mathText(math: Element): string {
  return (attribute(math, "alttext") || annotationOf(math) || formula(math.children)).replace(/\s+/g, " ").trim();
}

function annotationOf(node: Element): string {
  for (const child of node.children) {
    if (!isElement(child)) continue;
    if (child.tagName === "annotation" && /tex/i.test(attribute(child, "encoding"))) return formula(child.children);
    const inner = annotationOf(child);
    if (inner !== "") return inner;
  }
  return "";
}

function formula(nodes: readonly RootContent[]): string {
  return nodes.map(part).join("");
}

function part(node: RootContent): string {
  if (node.type === "text") return node.value.trim();
  if (!isElement(node) || node.tagName.startsWith("annotation")) return "";
  const [first = "", second = "", third = ""] = node.children.filter((child) => isElement(child)).map(part);
  switch (node.tagName) {
    case "msup":
    case "mover":
      return first + exponent(first, second);
    case "msub":
    case "munder":
      return first + index(first, second);
    case "msubsup":
    case "munderover":
      return first + index(first, second) + exponent(first, third);
    case "mfrac":
      return `${grouped(first)}/${grouped(second)}`;
    case "msqrt":
      return `√${grouped(formula(node.children))}`;
    case "mroot":
      return `root(${first}, ${second})`;
    case "mo":
      return /^[=<>≤≥≠≈+−·×-]$/.test(formula(node.children)) ? ` ${formula(node.children)} ` : formula(node.children);
    case "mtr":
      return `${formula(node.children)}; `;
    case "mtd":
      return `${formula(node.children)} `;
    default:
      return formula(node.children);
  }
}

function grouped(value: string): string {
  return /^[\p{L}\p{N}.]*$/u.test(value) ? value : `(${value})`;
}
