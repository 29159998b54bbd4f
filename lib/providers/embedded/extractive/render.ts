import { shortened } from "#rag/shortened.ts";
import type { Passage } from "./passage.ts";
import type { Quotable } from "./sections.ts";

const SEPARATOR = " › ";
/** The middle of a longer path is left out. */
const MAX_PATH_LENGTH = 120;

/**
 * A passage under its heading path, as plain text: paragraphs and rows on lines of their own, items with a dash, code
 * indented by four spaces. The source's number stands after the last line that is no code: code can be copied as it is.
 */
export function render({ section, units }: Passage): string {
  const lines = [pathOf(section.path), ...linesOf(units)].filter(({ text }) => text !== "");
  const marked = lines.findLastIndex(({ isCode }) => !isCode);
  const mark = `[${section.citation.index}]`;
  const text = lines.map((line, place) => (place === marked ? `${line.text} ${mark}` : line.text)).join("\n");
  return marked === -1 ? `${text}\n${mark}` : text;
}

interface Line {
  text: string;
  isCode: boolean;
}

/** "Observability › Turn it off". */
export function titleOf(path: readonly string[]): string {
  const whole = path.join(SEPARATOR);
  if (whole.length <= MAX_PATH_LENGTH || path.length < 3) return shortened(whole, MAX_PATH_LENGTH);
  return shortened([path[0], "…", path.at(-1)].join(SEPARATOR), MAX_PATH_LENGTH);
}

function pathOf(path: readonly string[]): Line {
  return { text: titleOf(path), isCode: false };
}

function linesOf(units: readonly Quotable[]): Line[] {
  const lines: (Line & { block: number; kind: Quotable["kind"] })[] = [];
  for (const { kind, text, block, level } of units) {
    const last = lines.at(-1);
    if (kind === "code") {
      lines.push(...text.split("\n").map((line) => ({ text: `    ${line}`, isCode: true, block, kind })));
    } else if (kind === "sentence" && last?.kind === kind && last.block === block) {
      last.text += ` ${text}`;
    } else {
      const indent = " ".repeat(Math.min(level, 8));
      const mark = kind === "item" ? `${indent}- ` : kind === "step" ? indent : "";
      lines.push({ text: mark + text, isCode: false, block, kind });
    }
  }
  return lines;
}
