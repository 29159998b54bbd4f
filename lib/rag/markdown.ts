import { plainTitle } from "./plain-title.ts";
import { shortened } from "./shortened.ts";

/** A run of whole lines: `text.slice(start, end)`, without the line break at its end. */
export type Block = { start: number; end: number } & (
  | { kind: "text" | "code"; frame?: Frame }
  | { kind: "heading"; level: number; title: string }
);

/** What makes the lines of a table or of fenced code readable: each part of it repeats that. */
export interface Frame {
  /** A table's header row and the line under it, or the line that opens the fence. */
  before: string;
  /** The mark that closes the fence; empty for a table. */
  after: string;
  /** Where the first line of `before` starts, and where the lines between `before` and `after` start and end. */
  at: number;
  start: number;
  end: number;
}

/** A heading and the blocks under it, up to the next heading. */
export interface Section {
  /**
   * The path of headings, outermost first, joined by " > "; empty before the first one. Headings are cut where the path
   * would have more than 500 characters: each chunk repeats it.
   */
  heading: string;
  blocks: Block[];
}

/** Longer lines are not headings; keeps the expressions below from scanning a document that is a single line. */
const MAX_HEADING_LENGTH = 500;
const MAX_PATH_LENGTH = 500;
const PATH_SEPARATOR = " > ";
/** A longer section is divided, so that its pieces need little memory, and little time before the first chunk. */
const MAX_SECTION_LENGTH = 50_000;
const ATX = /^ {0,3}(#{1,6})(?:[ \t]|$)/;
const ATX_CLOSE = /[ \t]#+$/;
const SETEXT = /^ {0,3}(=+|-+)[ \t]*$/;
/** The line under the header row of a table. */
const TABLE_RULE = /^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}(?![^\n]*`)|~{3,})/;
/** The start of a list item, a table row or a quote: such a line never continues the sentence above it. */
export const ITEM = /^[ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|[|>])/;

/**
 * The blocks of a Markdown or plain text, in order: headings (ATX and one-line setext), fenced code, and text
 * separated by blank lines. Together they contain every character that is not white space. Linear in the length.
 *
 * Syntax: CommonMark 0.31, sections 4.2, 4.3 and 4.5; nested blocks (a fence in a list) are read as if at top level.
 */
export function* blocksOf(text: string): Generator<Block> {
  let open: Block | undefined;
  let fence = "";
  let lines = 0;
  /** Where the line above starts. */
  let above = 0;
  function* close(): Generator<Block> {
    if (open) yield open;
    open = undefined;
  }

  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf("\n", start);
    if (end === -1) end = text.length;
    const line = text.slice(start, Math.min(end, start + MAX_HEADING_LENGTH)).trimEnd();
    const mark = FENCE.exec(line)?.[1] ?? "";
    if (fence) {
      const isClosed = mark.startsWith(fence) && line.trim() === mark;
      if (open) open.end = end;
      if (open?.kind === "code" && open.frame) open.frame.end = isClosed ? start : end - 1;
      if (isClosed) {
        fence = "";
        yield* close();
      }
    } else if (mark) {
      yield* close();
      fence = mark;
      const frame = { before: line, after: mark, at: start, start: end + 1, end: end - 1 };
      open = { kind: "code", start, end, frame };
    } else if (line.trim() === "" && text.slice(start, end).trim() === "") {
      yield* close();
    } else if (isHeading(line, end - start)) {
      yield* close();
      const level = ATX.exec(line)?.[1]?.length ?? 1;
      yield { kind: "heading", level, title: titleOf(line.trim().slice(level)), start, end };
    } else if (open && lines === 1 && SETEXT.test(line) && isHeadingText(text.slice(open.start, open.end))) {
      const title = plainTitle(text.slice(open.start, open.end).trim());
      yield { kind: "heading", level: line.includes("=") ? 1 : 2, title, start: open.start, end };
      open = undefined;
    } else if (open) {
      if (open.kind === "text" && !open.frame && TABLE_RULE.test(line) && text.slice(above, start).includes("|")) {
        open.frame = { before: text.slice(above, end).trimEnd(), after: "", at: above, start: end + 1, end: Infinity };
      }
      open.end = end;
      lines += 1;
    } else {
      open = { kind: "text", start, end };
      lines = 1;
    }
    above = start;
  }
  yield* close();
}

/**
 * Groups blocks under their headings. A heading directly followed by another heading joins that heading's section. A
 * section of more than 50,000 characters is divided, between blocks if possible.
 */
export function* sectionsOf(text: string): Generator<Section> {
  const path: { level: number; title: string }[] = [];
  let current: Section = { heading: "", blocks: [] };
  let bare = true;
  let length = 0;
  for (const block of blocksOf(text)) {
    if (block.kind === "heading") {
      while ((path.at(-1)?.level ?? 0) >= block.level) path.pop();
      path.push(block);
      if (!bare) {
        yield current;
        current = { heading: "", blocks: [] };
        length = 0;
      }
      current.heading = headingOf(path.map(({ title }) => title));
    }
    bare = block.kind === "heading";
    for (const part of divided(text, block)) {
      if (length > 0 && length + part.end - part.start > MAX_SECTION_LENGTH) {
        yield current;
        current = { heading: current.heading, blocks: [] };
        length = 0;
      }
      current.blocks.push(part);
      length += part.end - part.start;
    }
  }
  if (current.blocks.length > 0) yield current;
}

function headingOf(titles: readonly string[]): string {
  const heading = titles.join(PATH_SEPARATOR);
  if (heading.length <= MAX_PATH_LENGTH) return heading;
  const length = Math.floor(MAX_PATH_LENGTH / titles.length) - PATH_SEPARATOR.length;
  return titles.map((title) => shortened(title, length)).join(PATH_SEPARATOR);
}

/** The block, or its parts when it is longer than a section: each ends after a line, a word, or else a character. */
function* divided(text: string, block: Block): Generator<Block> {
  let start = block.start;
  while (block.end - start > MAX_SECTION_LENGTH) {
    const slice = text.slice(start, start + MAX_SECTION_LENGTH);
    const end =
      slice.lastIndexOf("\n") + 1 || slice.lastIndexOf(" ") + 1 || slice.replace(/[\uD800-\uDBFF]$/, "").length;
    yield { ...block, start, end: start + end };
    start += end;
  }
  yield { ...block, start };
}

function isHeading(line: string, length: number): boolean {
  return length < MAX_HEADING_LENGTH && ATX.test(line);
}

function isHeadingText(line: string): boolean {
  return line.length < MAX_HEADING_LENGTH && !ITEM.test(line);
}

function titleOf(text: string): string {
  return plainTitle(text.replace(ATX_CLOSE, "").trim());
}
