import { markdownTable } from "#bulk/tables/markdown-table.ts";

const SIMPLE = /^=+(?: +=+)+\s*$/;
const GRID = /^\+(?:[-=]+\+)+\s*$/;

/** The table of reStructuredText that begins at a line, as Markdown, and the line after it. */
export function rstTable(lines: readonly string[], start: number): { text: string; next: number } | undefined {
  const first = lines[start] ?? "";
  if (SIMPLE.test(first)) return simpleTable(lines, start);
  return GRID.test(first) ? gridTable(lines, start) : undefined;
}

/** Columns under `=====`; a row whose first column is empty continues the one above. */
function simpleTable(lines: readonly string[], start: number): { text: string; next: number } | undefined {
  const columns = [...(lines[start] ?? "").matchAll(/=+/g)].map(({ index }) => index);
  const borders = [start];
  let end = start + 1;
  for (; end < lines.length; end += 1) {
    if (SIMPLE.test(lines[end] ?? "")) {
      borders.push(end);
      if (borders.length === 3 || (lines[end + 1] ?? "").trim() === "") break;
    }
  }
  if (borders.length < 2) return undefined;
  const rows: string[][] = [];
  const rowsBefore = borders[1] ?? 0;
  let names = 0;
  for (let at = start + 1; at < (borders.at(-1) ?? 0); at += 1) {
    const line = lines[at] ?? "";
    if (at === rowsBefore) names = rows.length;
    if (line.trim() === "" || SIMPLE.test(line) || /^-+(?: +-+)*\s*$/.test(line)) continue;
    const cells = columns.map((column, index) => line.slice(column, columns[index + 1]).trim());
    const above = rows.at(-1);
    if (cells[0] === "" && above) join(above, cells);
    else rows.push(cells);
  }
  return tableOf(rows, names, (borders.at(-1) ?? 0) + 1);
}

/** Cells in a frame of `+---+`, the names of columns above `+===+`. */
function gridTable(lines: readonly string[], start: number): { text: string; next: number } {
  const rows: string[][] = [];
  let names = 0;
  let isNew = true;
  let at = start;
  for (; /^[+|]/.test(lines[at] ?? ""); at += 1) {
    const line = lines[at] ?? "";
    if (line.startsWith("+")) {
      if (/^\+=/.test(line)) names = rows.length;
      isNew = true;
      continue;
    }
    const cells = line
      .replace(/^\||\|\s*$/g, "")
      .split("|")
      .map((cell) => cell.trim());
    const above = rows.at(-1);
    if (isNew || !above) rows.push(cells);
    else join(above, cells);
    isNew = false;
  }
  return tableOf(rows, names, at);
}

function join(above: string[], cells: readonly string[]): void {
  for (const [index, cell] of cells.entries()) above[index] = `${above[index] ?? ""} ${cell}`.trim();
}

function tableOf(rows: readonly string[][], names: number, next: number): { text: string; next: number } {
  return { text: markdownTable(names > 0 ? (rows[0] ?? []) : [], rows.slice(Math.min(names, 1))), next };
}
