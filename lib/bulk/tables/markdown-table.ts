/** A row with a value for each column; "" where a cell is empty. */
export type Row = readonly string[];

/** A Markdown table with one row of column names. */
export function markdownTable(header: Row, rows: readonly Row[]): string {
  const width = rows.reduce((most, row) => Math.max(most, row.length), header.length);
  const columns = Array.from({ length: width }, (_, column) => column);
  const line = (row: Row): string => `| ${columns.map((column) => cell(row[column] ?? "")).join(" | ")} |`;
  return [line(header), `| ${columns.map(() => "---").join(" | ")} |`, ...rows.map(line)].join("\n");
}

function cell(value: string): string {
  return value
    .replaceAll("|", "\\|")
    .replace(/\s*[\r\n]+\s*/g, " ")
    .trim();
}
