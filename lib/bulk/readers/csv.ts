import papa from "papaparse";
import { markdownOfSheet } from "#bulk/tables/sheet.ts";
import type { Content } from "./content.ts";
import { decodeText } from "./text.ts";
import { UnreadableError } from "./unreadable.ts";

/** The delimiter that Excel is told in the first line of a file. */
const TOLD = /^sep=(.)\n/;
const DELIMITERS = [",", ";", "\t", "|"];
/** Rows that are looked at to find the delimiter. */
const SAMPLE = 100;

/**
 * A file of values separated by commas, semicolons, tabs or pipes, as Markdown tables.
 *
 * @param charset character set that came with the bytes
 * @param delimiter found out when it is not given
 * @throws UnreadableError when a quote is never closed
 */
export function readCsv(bytes: Uint8Array, charset?: string, delimiter?: string): Content {
  const whole = decodeText(bytes, charset);
  const [line = "", told] = TOLD.exec(whole) ?? [];
  const source = whole.slice(line.length);
  const { data, errors } = papa.parse<string[]>(source, { delimiter: told ?? delimiter ?? delimiterOf(source) });
  const unclosed = errors.find(({ code }) => code === "MissingQuotes");
  if (unclosed) {
    throw new UnreadableError(`a quote that is opened in row ${(unclosed.row ?? 0) + 1} is never closed: fix that row`);
  }
  return { text: markdownOfSheet(data) };
}

/** The delimiter that gives most rows the same number of values, without quotes in their middle. */
function delimiterOf(source: string): string {
  const candidates = DELIMITERS.map((delimiter) => {
    const { data, errors } = papa.parse<string[]>(source, { delimiter, preview: SAMPLE, skipEmptyLines: true });
    const counts = new Map<number, number>();
    for (const { length } of data) if (length > 1) counts.set(length, (counts.get(length) ?? 0) + 1);
    const [columns = 1, rows = 0] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
    return { delimiter, columns, share: rows / Math.max(data.length, 1) - errors.length / SAMPLE };
  });
  candidates.sort((a, b) => b.share - a.share || b.columns - a.columns);
  return candidates[0]?.delimiter ?? ",";
}
