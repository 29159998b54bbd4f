import { escapeHtml } from "#bulk/html/fragment.ts";
import type { LeftOutCount } from "#bulk/office/package.ts";
import {
  attributeOf,
  childAt,
  childrenOf,
  isElement,
  textIn,
  type XmlElement,
  type XmlNode,
} from "#bulk/office/xml.ts";

/** What is no part of the text, by the name of its element. */
const BESIDE: ReadonlyMap<string, string> = new Map([
  ["tracked-changes", "deleted text"],
  ["annotation", "comments"],
  ["table-of-content", "table of contents"],
  ["hidden-text", "hidden text"],
  ["hidden-paragraph", "hidden text"],
]);
const MAX_SPACES = 100;

/** The body of an OpenDocument text as HTML, with its notes at the end. */
export function odtHtml(body: XmlElement, leftOut: LeftOutCount): string {
  const notes: string[] = [];

  function all(nodes: readonly XmlNode[]): string {
    return nodes.map(html).join("");
  }

  function html(node: XmlNode): string {
    if (!isElement(node)) return escapeHtml(node);
    const beside = BESIDE.get(node.name);
    if (beside !== undefined) {
      leftOut.add(beside, textIn(node));
      return "";
    }
    switch (node.name) {
      case "h": {
        const level = Math.min(Math.max(Number(attributeOf(node, "outline-level") ?? 1) || 1, 1), 6);
        return `<h${level}>${all(node.children)}</h${level}>`;
      }
      case "p": {
        // Text boxes stand after the paragraph that they are anchored in.
        const boxes: string[] = [];
        const text = all(withoutBoxes(node.children, (box) => boxes.push(all(box.children))));
        const tag = attributeOf(node, "style-name") === "Title" ? "h1" : "p";
        return `<${tag}>${text}</${tag}>${boxes.join("")}`;
      }
      case "list":
        return `<ul>${all(node.children)}</ul>`;
      case "list-item":
      case "list-header":
        return `<li>${all(node.children)}</li>`;
      case "table":
        return tableHtml(node);
      case "note":
        notes.push(all(childAt(node, "note-body")?.children ?? []));
        return "";
      case "s":
        return " ".repeat(Math.min(Number(attributeOf(node, "c") ?? 1) || 1, MAX_SPACES));
      case "tab":
        return "\t";
      case "line-break":
        return "<br>";
      // What screen readers say of pictures and drawings, and the settings of fields.
      case "title":
      case "desc":
      case "sequence-decls":
      case "soft-page-break":
        return "";
      default:
        return all(node.children);
    }
  }

  function tableHtml(table: XmlElement): string {
    const named = childrenOf(table, "table-header-rows").flatMap((rows) => childrenOf(rows, "table-row"));
    const groups = childrenOf(table, "table-rows", "table-row-group").flatMap((group) =>
      childrenOf(group, "table-row"),
    );
    const rows = [...named, ...childrenOf(table, "table-row"), ...groups];
    const names = Math.max(named.length, 1);
    const lines = rows.map((row, index) => {
      const tag = index < names ? "th" : "td";
      const cells = childrenOf(row, "table-cell").map((cell) => {
        const [columns, height] = ["number-columns-spanned", "number-rows-spanned"].map((key) =>
          Number(attributeOf(cell, key) ?? 1),
        );
        return `<${tag} colspan="${columns}" rowspan="${height}">${all(cell.children)}</${tag}>`;
      });
      return `<tr>${cells.join("")}</tr>`;
    });
    return `<table>${lines.join("")}</table>`;
  }

  const content = all(body.children);
  const end = notes.map((note) => `<li>${note}</li>`).join("");
  return notes.length === 0 ? content : `${content}<h2>Notes</h2><ol>${end}</ol>`;
}

function withoutBoxes(nodes: readonly XmlNode[], take: (box: XmlElement) => void): XmlNode[] {
  return nodes.flatMap((node): XmlNode[] => {
    if (!isElement(node)) return [node];
    if (node.name === "text-box") {
      take(node);
      return [];
    }
    return [{ ...node, children: withoutBoxes(node.children, take) }];
  });
}
