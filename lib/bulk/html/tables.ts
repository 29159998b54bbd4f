import type { Element, RootContent } from "hast";
import { measured } from "./links.ts";
import { attribute, contains, element, hasBlocks, isBlock, isElement, type Parent, text, textOf } from "./nodes.ts";

/** A cell of more letters is a part of a page, not a value. */
const MAX_CELL_LETTERS = 1_500;
const MAX_SPAN = 1_000;
/** Values that are repeated because they span several cells: a small file can ask for many. */
const MAX_REPEATED = 10_000;

type Row = (Element | undefined)[];

/**
 * A table as one that Markdown can have: one row of column names, a value in each cell, repeated where a cell spans
 * several. A table that only arranges parts of the page becomes these parts.
 */
export function plainTable(table: Element): RootContent[] {
  const captions = table.children
    .filter((child) => isElement(child, "caption"))
    .filter((child) => textOf(child) !== "");
  const title = captions.map((caption) => element("p", caption.children));
  const rows = rowsOf(table);
  const grid = withoutBlanks(spread(rows));
  if (grid.length === 0) return title;
  if (isLayout(table, grid)) return [...title, ...rows.map((row) => element("div", partsOf(row)))];
  const headers = headerRows(table, grid);
  const [head, ...body] = headers > 0 ? [merged(grid.slice(0, headers)), ...grid.slice(headers)] : [undefined, ...grid];
  const lines = body.map((row) =>
    element(
      "tr",
      row.map((cell) => element("td", inline(cell))),
    ),
  );
  const top =
    head &&
    element("thead", [
      element(
        "tr",
        head.map((cell) => element("th", [text(cell)])),
      ),
    ]);
  return [...title, element("table", [...(top ? [top] : []), element("tbody", lines)])];
}

function rowsOf(table: Parent): Element[] {
  return (table.children as RootContent[]).flatMap((child) => {
    if (isElement(child, "tr")) return [child];
    return isElement(child, "thead", "tbody", "tfoot") ? rowsOf(child) : [];
  });
}

function cellsOf(row: Element): Element[] {
  return row.children.filter((child) => isElement(child)).filter((child) => isElement(child, "td", "th"));
}

/** A cell at each place that it covers. In a row that one cell spans as a whole, it stands once. */
function spread(rows: readonly Element[]): Row[] {
  const grid: Row[] = rows.map(() => []);
  const most = rows.reduce((most, row) => Math.max(most, cellsOf(row).length), 1);
  let repeated = 0;
  for (const [y, row] of rows.entries()) {
    const cells = cellsOf(row);
    let x = 0;
    for (const cell of cells) {
      while (grid[y]?.[x] !== undefined) x += 1;
      let width = cells.length === 1 ? 1 : Math.min(span(cell, "colSpan"), most);
      let height = Math.min(span(cell, "rowSpan"), rows.length - y);
      if (repeated + width * height > MAX_REPEATED) [width, height] = [1, 1];
      repeated += width * height - 1;
      for (let down = 0; down < height; down += 1) {
        for (let right = 0; right < width; right += 1) {
          const line = grid[y + down];
          if (line && line[x + right] === undefined) line[x + right] = cell;
        }
      }
      x += width;
    }
  }
  return grid.map((row) => Array.from(row));
}

function span(cell: Element, name: "colSpan" | "rowSpan"): number {
  const value = Number.parseInt(attribute(cell, name), 10);
  return value > 0 ? Math.min(value, MAX_SPAN) : 1;
}

/** Without rows and columns that have no text at all. */
function withoutBlanks(grid: readonly Row[]): Row[] {
  const isFull = (cell: Element | undefined): boolean => cell !== undefined && textOf(cell) !== "";
  const width = grid.reduce((most, row) => Math.max(most, row.length), 0);
  const columns = Array.from({ length: width }, (_, x) => x).filter((x) => grid.some((row) => isFull(row[x])));
  return grid.filter((row) => row.some(isFull)).map((row) => columns.map((x) => row[x]));
}

function isLayout(table: Element, grid: readonly Row[]): boolean {
  if (/^(?:presentation|none)$/.test(attribute(table, "role"))) return true;
  const cells = [...new Set(grid.flat())].filter((cell) => cell !== undefined);
  if ((grid[0]?.length ?? 0) < 2) return true;
  if (
    cells.some(
      (cell) =>
        measured(cell).letters > MAX_CELL_LETTERS || contains(cell, "table", "h1", "h2", "h3", "h4", "h5", "h6"),
    )
  )
    return true;
  const hasNames = cells.some((cell) => isElement(cell, "th")) || contains(table, "thead", "caption");
  if (hasNames) return false;
  return (
    grid.length < 2 ||
    cells.some((cell) => contains(cell, "pre", "blockquote", "ul", "ol", "dl", "hr") || paragraphs(cell) > 1)
  );
}

function paragraphs(cell: Element): number {
  return cell.children.filter((child) => isElement(child, "p", "div")).length;
}

/** Short cells of a row stay on a line, as they are shown. */
function partsOf(row: Element): RootContent[] {
  const cells = cellsOf(row).filter((cell) => textOf(cell) !== "");
  if (cells.some((cell) => hasBlocks(cell))) return cells.map((cell) => element("div", cell.children));
  return [
    element(
      "p",
      cells.flatMap((cell) => [...cell.children, text(" ")]),
    ),
  ];
}

/** How many rows at the top have column names only: those of `<thead>`, or of `<th>`. */
function headerRows(table: Element, grid: readonly Row[]): number {
  const inHead = new Set(
    table.children
      .filter((child) => isElement(child, "thead"))
      .flatMap((head) => rowsOf(head))
      .flatMap(cellsOf),
  );
  const isName = (cell: Element | undefined, x: number): boolean =>
    cell === undefined || isElement(cell, "th") || inHead.has(cell) || (x === 0 && textOf(cell) === "");
  const count = grid.findIndex((row) => !row.every(isName));
  if (count === -1) return 1;
  return count === 0 && grid[0]?.every(isBold) && !grid[1]?.every(isBold) ? 1 : count;
}

/** Names of columns in pages that do not mark them. */
function isBold(cell: Element | undefined): boolean {
  const parts = cell?.children.filter((child) => textOf(child) !== "") ?? [];
  return parts.length > 0 && parts.every((part) => isElement(part, "b", "strong") || (isElement(part) && isBold(part)));
}

/** The names of rows above each other: "Limit" over "least" is "Limit least". */
function merged(rows: readonly Row[]): string[] {
  return (rows[0] ?? []).map((_, x) =>
    [...new Set(rows.map((row) => (row[x] ? textOf(row[x]) : "")))].filter(Boolean).join(" "),
  );
}

/** The content of a cell on one line: blocks with a space between them, items with a semicolon. */
function inline(cell: Element | undefined): RootContent[] {
  if (cell === undefined) return [];
  const line: RootContent[] = [];
  const visit = (parent: Parent): void => {
    for (const child of parent.children as RootContent[]) {
      if (!isBlock(child) || !isElement(child)) {
        line.push(child);
        continue;
      }
      if (line.length > 0)
        line.push(text(isElement(child, "li") && textOf({ type: "root", children: line }) !== "" ? "; " : " "));
      if (isElement(child, "pre")) line.push(element("code", [text(textOf(child))]));
      else visit(child);
    }
  };
  const copy = structuredClone(cell);
  visit(copy);
  return line;
}
