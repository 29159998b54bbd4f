import { markdownTable, type Row } from "./markdown-table.ts";

/** A number, a date, a share or a truth value; a year may be the name of a column. */
const DATA = /^(?!(?:19|20)\d\d$)[^\p{L}]*\d[^\p{L}]*$|^(?:TRUE|FALSE)$/iu;

interface Table {
  header: Row;
  rows: Row[];
}

/**
 * The rows of a sheet as people lay them out: tables whose first row names the columns, and lines of text above and
 * between them. Empty rows and columns go. Rows after a gap continue the table above, unless they begin with names of
 * their own. A table that begins with data gets no names.
 *
 * @param grid rows from the top; a merged cell has its value in each place that it covers
 */
export function markdownOfSheet(grid: readonly Row[]): string {
  const parts: (string | Table)[] = [];
  for (const block of blocksOf(withoutEmptyColumns(grid))) {
    const start = block.findIndex((row) => !isLine(row));
    const lines = start === -1 ? block : block.slice(0, start);
    const rows = start === -1 ? [] : block.slice(start);
    if (lines.length > 0) parts.push(lines.map((row) => oneLine(filled(row)[0] ?? "")).join("\n"));
    const [first, ...others] = rows;
    if (first === undefined) continue;
    const above = parts.at(-1);
    if (typeof above === "object" && !hasOwnNames(rows, above)) above.rows.push(...rows);
    else parts.push(isData(first) ? { header: [], rows } : { header: first, rows: others });
  }
  return parts.map((part) => (typeof part === "string" ? part : markdownTable(part.header, part.rows))).join("\n\n");
}

/** Rows that stand together, without empty ones. */
function blocksOf(grid: readonly Row[]): Row[][] {
  const blocks: Row[][] = [[]];
  for (const row of grid) {
    if (row.some((value) => value !== "")) blocks.at(-1)?.push(row);
    else if (blocks.at(-1)?.length !== 0) blocks.push([]);
  }
  return blocks.filter((block) => block.length > 0);
}

function withoutEmptyColumns(grid: readonly Row[]): Row[] {
  const isFilled: boolean[] = [];
  for (const row of grid) for (const [column, value] of row.entries()) if (value.trim() !== "") isFilled[column] = true;
  const columns = [...isFilled.keys()].filter((column) => isFilled[column]);
  return grid.map((row) => columns.map((column) => row[column]?.trim() ?? ""));
}

/** Whether a row is a title or a remark: one value, perhaps in a merged cell. */
function isLine(row: Row): boolean {
  return new Set(filled(row)).size === 1 && (filled(row).length > 1 || row[0] !== "" || row.length === 1);
}

function isData(row: Row): boolean {
  const values = filled(row);
  return values.filter((value) => DATA.test(value)).length > values.length / 2;
}

/** Whether rows after a gap are a table of their own: names where the table above, and what follows, have data. */
function hasOwnNames([first = [], ...others]: readonly Row[], above: Table): boolean {
  if (filled(first).some((value) => DATA.test(value)) || others.length === 0) return false;
  const isSameShape = first.every((value, column) => value === "" || (above.header[column] ?? "") !== "");
  const hasData = (row: Row): boolean => row.some((value) => DATA.test(value));
  return !isSameShape || (above.rows.some(hasData) && others.some(hasData));
}

function filled(row: Row): string[] {
  return row.filter((value) => value !== "");
}

function oneLine(value: string): string {
  return value.replace(/\s*\n\s*/g, " ");
}
