import { joinLines, wordCounts } from "./hyphens.ts";
import { type Line, mostOf } from "./lines.ts";

/** What most of a document is set in. */
interface Body {
  size: number;
  font: string;
  /** From one baseline to the next. */
  leading: number;
}

interface Paragraph {
  kind: "text" | "heading" | "code" | "table";
  lines: Line[];
}

const BULLET = /^[•‣◦▪▫●○■□*·∙⁃➢➤✓✔\uF0B7\uF0A7]\s+/u;
/** A list item too, unless it parts a sentence. */
const DASH = /^[-–—]\s+/;
const NUMBERED = /^(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|\(\d{1,3}\))\s+\S/;
const SENTENCE_END = /[.!?:;…]["”’)\]]*$/;
const SECTION_NUMBER = /^(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[A-Z]\.|Chapter \d+|Appendix [A-Z])\s+\p{L}/u;
/** In characters: headings are shorter. */
const MAX_HEADING = 120;
const MAX_LEVEL = 5;

/**
 * The text of a document from the lines of its pages: paragraphs parted by blank lines, each on one line; headings, lists
 * and code as Markdown.
 *
 * @param isMonospaced whether a font is that of code
 */
export function textOfPages(pages: readonly (readonly Line[])[], isMonospaced: (font: string) => boolean): string {
  const body = bodyOf(pages);
  const words = wordCounts(pages.flatMap((lines) => lines.map(({ text }) => text)));
  const paragraphs = pages.flatMap((lines) => paragraphsOf(lines, body, isMonospaced));
  const sizes = [...new Set(paragraphs.filter(({ kind }) => kind === "heading").map(sizeOf))].sort((a, b) => b - a);
  const texts: string[] = [];
  let before: Paragraph | undefined;
  for (const paragraph of paragraphs) {
    const { kind, lines } = paragraph;
    const text = lines.map((line) => line.text).reduce((joined, line) => joinLines(joined, line, words));
    const last = texts.at(-1) ?? "";
    if (kind === "code") texts.push(codeOf(lines));
    else if (kind === "table" && lines.length > 1) texts.push(lines.map(rowOf).join("\n"));
    else if (kind === "heading") {
      texts.push(`${"#".repeat(Math.min(sizes.indexOf(sizeOf(paragraph)) + 1, MAX_LEVEL))} ${text}`);
    } else if (
      before?.kind === "text" &&
      /^\p{Ll}/u.test(text) &&
      !SENTENCE_END.test(last) &&
      isFirst(paragraph, pages)
    ) {
      // It goes on from the page, or the column, before.
      texts[texts.length - 1] = joinLines(last, text, words);
    } else texts.push(text.replace(BULLET, "- ").replace(DASH, "- "));
    before = paragraph;
  }
  return texts.reduce(
    (all, text, index) => all + (index === 0 ? "" : isListed(text, texts[index - 1]) ? "\n" : "\n\n") + text,
    "",
  );
}

function isListed(text: string, before = ""): boolean {
  return text.startsWith("- ") && before.startsWith("- ");
}

function isFirst({ lines: [line] }: Paragraph, pages: readonly (readonly Line[])[]): boolean {
  return pages.some(([first]) => first === line);
}

function paragraphsOf(lines: readonly Line[], body: Body, isMonospaced: (font: string) => boolean): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  const right = Math.max(0, ...lines.slice(0, 5000).map((line) => line.right));
  let current: Paragraph | undefined;
  for (const [index, line] of lines.entries()) {
    const previous = lines[index - 1];
    const kind = kindOf(line, previous, lines[index + 1], body, isMonospaced);
    const isSame = current?.kind === kind && previous && !startsNew(line, previous, kind, body, right, current.lines);
    if (current && isSame) current.lines.push(line);
    else {
      current = { kind, lines: [line] };
      paragraphs.push(current);
    }
  }
  return paragraphs;
}

function kindOf(
  line: Line,
  previous: Line | undefined,
  next: Line | undefined,
  body: Body,
  isMonospaced: (font: string) => boolean,
): Paragraph["kind"] {
  if (isMonospaced(line.font)) return "code";
  if (isHeading(line, previous, next, body)) return "heading";
  return line.cells ? "table" : "text";
}

function startsNew(
  line: Line,
  previous: Line,
  kind: Paragraph["kind"],
  body: Body,
  right: number,
  open: readonly Line[],
): boolean {
  const step = line.y - previous.y;
  const size = Math.max(line.size, previous.size);
  const isBeside = Math.abs(step) < 0.5 * size;
  if (kind === "table") return step < 0 || step > 2.5 * size;
  if (kind === "code") return step > 3 * size || step < 0;
  if (Math.abs(line.size - previous.size) > 0.1 * size) return true;
  if (kind === "heading") return isBeside || step < 0 || step > 1.8 * size;
  // The next column, or a table's next cell.
  if (step < 0) return !goesOn(previous, line);
  if (isBeside) return true;
  if (step > Math.max(1.25 * body.leading, 1.35 * size)) return true;
  const first = open[0]?.text ?? "";
  const isEnd = SENTENCE_END.test(previous.text);
  if (BULLET.test(line.text) || (NUMBERED.test(line.text) && isEnd)) return true;
  if (DASH.test(line.text) && (isEnd || DASH.test(first))) return true;
  const isItem = BULLET.test(first) || DASH.test(first) || NUMBERED.test(first);
  const isIndented = line.left > previous.left + 0.8 * size && open.length > 0;
  if (isIndented && !(isItem && open.length === 1)) return isEnd;
  if (line.left < previous.left - 0.8 * size && open.length > 1) return true;
  // A line that ends early, by more than a word would take, is the last of its paragraph.
  return isEnd && previous.right < right - 0.25 * (right - previous.left);
}

/** Whether a sentence goes on in the next column. */
function goesOn(previous: Line, line: Line): boolean {
  return !SENTENCE_END.test(previous.text) && /^\p{Ll}/u.test(line.text);
}

function isHeading(line: Line, previous: Line | undefined, next: Line | undefined, body: Body): boolean {
  const { text, size, font } = line;
  if (text.length > MAX_HEADING || !/\p{L}{2}/u.test(text) || BULLET.test(text) || DASH.test(text)) return false;
  if (size > 1.12 * body.size) return true;
  if (font === body.font || size < 0.98 * body.size || /[.,;:]$/.test(text)) return false;
  const isApart = !previous || line.y < previous.y || line.y - previous.y > 1.25 * body.leading;
  const standsAlone = !next || Math.abs(next.y - line.y) > 0.5 * size;
  return isApart && standsAlone && (SECTION_NUMBER.test(text) || (text.length < 60 && next?.font === body.font));
}

function rowOf({ cells = [], text }: Line): string {
  return cells.length > 0 ? `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |` : text;
}

function codeOf(lines: readonly Line[]): string {
  const left = Math.min(...lines.slice(0, 5000).map((line) => line.left));
  const rows = lines.map(
    (line) => " ".repeat(Math.min(80, Math.round((line.left - left) / (0.6 * line.size || 1)))) + line.text,
  );
  return `\`\`\`\n${rows.join("\n")}\n\`\`\``;
}

function sizeOf({ lines: [line] }: Paragraph): number {
  return Math.round(line?.size ?? 0);
}

function bodyOf(pages: readonly (readonly Line[])[]): Body {
  const [sizes, fonts, steps] = [new Map<number, number>(), new Map<string, number>(), new Map<number, number>()];
  const add = <Key>(counts: Map<Key, number>, key: Key, count: number) =>
    counts.set(key, (counts.get(key) ?? 0) + count);
  for (const lines of pages) for (const { size, text } of lines) add(sizes, Math.round(size * 10) / 10, text.length);
  const size = mostOf(sizes) || 10;
  for (const lines of pages) {
    for (const [index, line] of lines.entries()) {
      if (Math.abs(line.size - size) > 0.3) continue;
      add(fonts, line.font, line.text.length);
      const step = line.y - (lines[index - 1]?.y ?? line.y);
      if (step > 0.5 * size && step < 3 * size) add(steps, Math.round(step * 2) / 2, 1);
    }
  }
  return { size, font: mostOf(fonts), leading: mostOf(steps) || 1.2 * size };
}
