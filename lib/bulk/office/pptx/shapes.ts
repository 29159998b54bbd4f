import { escapeHtml } from "#bulk/html/fragment.ts";
import type { LeftOutCount, OfficePackage } from "#bulk/office/package.ts";
import { attributeOf, childAt, childrenOf, descendants, textIn, textOfAll, type XmlElement } from "#bulk/office/xml.ts";
import { paragraphsHtml, plainText } from "./paragraphs.ts";

/** Placeholders that repeat on every slide. */
const FURNITURE: ReadonlySet<string> = new Set(["ftr", "dt", "sldNum", "hdr"]);

export interface SlideParts {
  title: string;
  /** HTML, in the order of the slide. */
  body: string;
}

/** The title and the content of a slide: text, tables, groups and diagrams, in the order in which they are read aloud. */
export function partsOf(deck: OfficePackage, name: string, leftOut: LeftOutCount): SlideParts {
  const references = deck.references(name);
  const titles: string[] = [];

  function html(shape: XmlElement): string {
    switch (shape.name) {
      case "sp":
        return shapeHtml(shape);
      case "grpSp":
      case "AlternateContent":
        return childrenOf(shape.name === "grpSp" ? shape : childrenOf(shape)[0])
          .map(html)
          .join("");
      case "graphicFrame":
        return graphicHtml(shape);
      default:
        return "";
    }
  }

  function shapeHtml(shape: XmlElement): string {
    const placeholder = childAt(shape, "nvSpPr", "nvPr", "ph");
    const type = placeholder && (attributeOf(placeholder, "type") ?? "body");
    const body = childAt(shape, "txBody");
    if (type !== undefined && FURNITURE.has(type)) {
      if (type !== "sldNum") leftOut.add("slide headers and footers", textOfAll(body, "t"));
      return "";
    }
    if ((type === "title" || type === "ctrTitle") && titles.length === 0) {
      const title = plainText(body);
      if (title !== "") titles.push(title);
      return "";
    }
    return paragraphsHtml(body, type === "body" || type === "obj");
  }

  function graphicHtml(frame: XmlElement): string {
    const [table] = descendants(frame, "tbl");
    if (table) return tableHtml(table);
    const [diagram] = descendants(frame, "relIds");
    if (diagram) {
      const data = deck.part(references.get(attributeOf(diagram, ":dm") ?? "")?.name ?? "");
      // A point's text is a `dgm:t` with paragraphs, whose runs have an `a:t` each.
      const points = [...descendants(data, "pt")].map((point) => textOfAll(point, "p").trim()).filter(Boolean);
      return `<ul>${points.map((point) => `<li>${escapeHtml(point)}</li>`).join("")}</ul>`;
    }
    const [chart] = descendants(frame, "chart");
    const part = deck.part(references.get(attributeOf(chart, ":id") ?? "")?.name ?? "");
    leftOut.add("charts", [textOfAll(part, "t"), ...[...descendants(part, "v")].map(textIn)].join(" "));
    return "";
  }

  const tree = childAt(deck.part(name), "cSld", "spTree");
  const body = childrenOf(tree).map(html).join("");
  return { title: titles[0] ?? "", body };
}

function tableHtml(table: XmlElement): string {
  const rows = childrenOf(table, "tr").map((row, index) => {
    const tag = index === 0 ? "th" : "td";
    const cells = childrenOf(row, "tc").filter((cell) => !isCovered(cell));
    return `<tr>${cells.map((cell) => `<${tag}${spans(cell)}>${escapeHtml(plainText(childAt(cell, "txBody")))}</${tag}>`).join("")}</tr>`;
  });
  return `<table>${rows.join("")}</table>`;
}

/** Whether it is a part of a merged cell that begins elsewhere. */
function isCovered(cell: XmlElement): boolean {
  return ["hMerge", "vMerge"].some((name) => /^(?:1|true)$/.test(attributeOf(cell, name) ?? ""));
}

function spans(cell: XmlElement): string {
  const [columns, rows] = ["gridSpan", "rowSpan"].map((name) => Number(attributeOf(cell, name) ?? 1));
  return ` colspan="${columns}" rowspan="${rows}"`;
}
