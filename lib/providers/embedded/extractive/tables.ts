import { isSeparator } from "./blocks.ts";
import { readable } from "./readable.ts";

export interface Row {
  /** The first cell, if it is a question: the others answer it. */
  question: string;
  /** Plain text. */
  text: string;
}

/**
 * The rows of a table as plain text, each with the names of its columns: "Grafana — where: …; changed by: …". The first
 * cell names the row, so its column's name is left out; so are empty cells, and the names when the header is missing.
 */
export function rowsOf(lines: readonly string[]): Row[] {
  const separator = lines.findIndex(isSeparator);
  const header = separator > 0 ? cellsOf(lines[separator - 1] ?? "") : [];
  return lines
    .slice(separator + 1)
    .filter((line) => !isSeparator(line))
    .map((line) => rowOf(cellsOf(line), header));
}

function rowOf([name = "", ...values]: readonly string[], [, ...columns]: readonly string[]): Row {
  if (name.endsWith("?")) return { question: name, text: values.filter(Boolean).join("; ") };
  const cells = values.flatMap((value, place) => {
    const column = columns[place]?.replace(/:$/, "");
    if (/^[\s—–-]*$/.test(value)) return [];
    return [column ? `${column}: ${value}` : value];
  });
  const text = name && cells.length > 0 ? `${name} — ${cells.join("; ")}` : name || cells.join("; ");
  return { question: "", text };
}

/** Splits at the bars that are neither escaped nor in code. */
function cellsOf(line: string): string[] {
  const cells = [""];
  let isCode = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? "";
    if (character === "`") isCode = !isCode;
    if (character === "\\" && line[at + 1] === "|") {
      cells[cells.length - 1] += "|";
      at += 1;
    } else if (character === "|" && !isCode) cells.push("");
    else cells[cells.length - 1] += character;
  }
  const trimmed = line.trim();
  return cells.slice(trimmed.startsWith("|") ? 1 : 0, trimmed.endsWith("|") ? -1 : undefined).map(readable);
}
