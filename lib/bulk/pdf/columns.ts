import type { Line } from "./lines.ts";

/** Fewer lines beside each other are a table, or a heading with a number. */
const MIN_LINES = 6;
/** In characters: the lines of a column of prose are longer than the cells of a table. */
const MIN_LENGTH = 20;

/**
 * The lines of a page in the order in which they are read: one column after the other where prose stands in two, between
 * lines that cross both. Others keep their order, with what stands beside each other as one line; what is written in another direction comes last.
 */
export function inReadingOrder(lines: readonly Line[]): Line[] {
  const upright = lines.filter(({ isTurned }) => !isTurned);
  const turned = lines.filter(({ isTurned }) => isTurned);
  const middle = gutterOf(upright);
  return [...inRows(middle === undefined ? upright : byColumn(upright, middle)), ...turned];
}

/** Joins what is drawn one after the other on one baseline: the cells of a row, or a heading and the number of its page. */
function inRows(lines: readonly Line[]): Line[] {
  const rows: Line[] = [];
  for (const line of lines) {
    const row = rows.at(-1);
    if (!row || Math.abs(row.y - line.y) > 0.5 * Math.max(row.size, line.size) || line.left < row.right) {
      rows.push(line);
      continue;
    }
    const cells = [...(row.cells ?? [row.text]), line.text];
    rows[rows.length - 1] = { ...row, text: `${row.text}  ${line.text}`, right: line.right, cells };
  }
  return rows;
}

function byColumn(lines: readonly Line[], middle: number): Line[] {
  const sorted = lines.toSorted((a, b) => a.y - b.y || a.left - b.left);
  const ordered: Line[] = [];
  let columns: [Line[], Line[]] = [[], []];
  for (const line of sorted) {
    if (line.right <= middle) columns[0].push(line);
    else if (line.left >= middle) columns[1].push(line);
    else {
      ordered.push(...columns[0], ...columns[1], line);
      columns = [[], []];
    }
  }
  return [...ordered, ...columns[0], ...columns[1]];
}

/** Where the page is parted into two columns of prose; `undefined` when it is not. */
function gutterOf(lines: readonly Line[]): number | undefined {
  const left = Math.min(...lines.slice(0, 5000).map((line) => line.left));
  const right = Math.max(...lines.slice(0, 5000).map((line) => line.right));
  const starts = lines.map((line) => line.left).filter((start) => start > left + 0.35 * (right - left));
  // The right column begins where most lines begin that are not on the left.
  const counts = new Map<number, number>();
  for (const start of starts) counts.set(Math.round(start), (counts.get(Math.round(start)) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  if (!best || best[1] < MIN_LINES / 2) return undefined;
  const middle = best[0] - 1;
  if (middle > left + 0.65 * (right - left)) return undefined;
  const [before, after, across] = [
    lines.filter((line) => line.right <= middle),
    lines.filter((line) => line.left >= middle),
    lines.filter((line) => line.left < middle && line.right > middle),
  ];
  const isProse = [before, after].every((column) => column.length >= MIN_LINES && medianLength(column) >= MIN_LENGTH);
  return isProse && across.length < before.length + after.length && overlap(before, after) ? middle : undefined;
}

function medianLength(lines: readonly Line[]): number {
  const lengths = lines.map(({ text }) => text.length).sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length / 2)] ?? 0;
}

/** Whether two columns stand beside each other, and not one below the other. */
function overlap(one: readonly Line[], other: readonly Line[]): boolean {
  const top = Math.max(...[one, other].map((lines) => Math.min(...lines.slice(0, 5000).map(({ y }) => y))));
  const bottom = Math.min(...[one, other].map((lines) => Math.max(...lines.slice(0, 5000).map(({ y }) => y))));
  return bottom > top;
}
