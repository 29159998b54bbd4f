import { scanXml } from "#bulk/office/xml.ts";
import type { CellFormat } from "./cell-format.ts";

/** Places of merged cells that get a value, so that a small file cannot have millions. */
const MAX_MERGED = 100_000;
const MAX_COLUMNS = 16_384;

/**
 * The cells of a sheet as they are shown, by row and column; of formulas, the value that was last computed. A merged cell
 * has its value in each place. Empty rows after one another become one.
 *
 * @param strings the texts that the workbook's sheets share
 */
export function rowsOf(source: string, strings: readonly string[], format: CellFormat): string[][] {
  const rows = new Map<number, string[]>();
  const merges: string[] = [];
  let number = 0;
  let column = -1;
  let type = "";
  let style = 0;
  let value = "";
  let isValue = false;
  let isPhonetic = false;

  scanXml(source, {
    open(name, attributes) {
      if (name === "row") {
        number = Number(attributes.r ?? number + 1);
        column = -1;
      } else if (name === "c") {
        column = attributes.r === undefined ? column + 1 : columnOf(attributes.r);
        type = attributes.t ?? "n";
        style = Number(attributes.s ?? 0);
        value = "";
      } else if (name === "v" || name === "t") isValue = !isPhonetic;
      else if (name === "rPh") isPhonetic = true;
      else if (name === "mergeCell" && attributes.ref !== undefined) merges.push(attributes.ref);
    },
    text(text) {
      if (isValue) value += text;
    },
    close(name) {
      if (name === "v" || name === "t") isValue = false;
      else if (name === "rPh") isPhonetic = false;
      else if (name === "c" && value !== "" && column < MAX_COLUMNS) {
        const row = rows.get(number) ?? [];
        row[column] = shown(value, type, style);
        rows.set(number, row);
      }
    },
  });

  function shown(raw: string, kind: string, styleOfCell: number): string {
    if (kind === "s") return strings[Number(raw)] ?? "";
    if (kind === "b") return raw === "1" ? "TRUE" : "FALSE";
    if (kind === "d") return raw.replace("T00:00:00", "").replace("T", " ");
    return kind === "n" && Number.isFinite(Number(raw)) ? format(Number(raw), styleOfCell) : raw;
  }

  spreadMerged(rows, merges);
  const result: string[][] = [];
  let last = 0;
  for (const index of [...rows.keys()].sort((a, b) => a - b)) {
    if (index > last + 1 && last > 0) result.push([]);
    result.push(Array.from(rows.get(index) ?? [], (cell) => cell ?? ""));
    last = index;
  }
  return result;
}

function spreadMerged(rows: Map<number, string[]>, merges: readonly string[]): void {
  let places = 0;
  for (const merge of merges) {
    const [from = "", to = from] = merge.split(":");
    const [left, right] = [columnOf(from), Math.min(columnOf(to), MAX_COLUMNS)];
    const [top, bottom] = [rowOf(from), rowOf(to)];
    const value = rows.get(top)?.[left];
    if (value === undefined) continue;
    for (let y = top; y <= bottom; y += 1) {
      const row = rows.get(y) ?? [];
      for (let x = left; x <= right; x += 1) {
        places += 1;
        if (places > MAX_MERGED) return;
        row[x] = value;
      }
      rows.set(y, row);
    }
  }
}

/** From 0: "A1" is 0, "AB7" is 27. */
function columnOf(reference: string): number {
  let column = 0;
  for (const letter of reference.replace(/[^A-Za-z]/g, "").toUpperCase())
    column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

function rowOf(reference: string): number {
  return Number(reference.replace(/\D/g, ""));
}
