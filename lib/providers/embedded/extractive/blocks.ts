import { withoutComments } from "./readable.ts";

/** A run of lines that are read alike, without the marks that make it what it is. */
export type Block = (
  | { kind: "text" | "table"; lines: string[] }
  | { kind: "heading"; level: number; lines: string[] }
  | { kind: "code"; language: string; lines: string[] }
  | { kind: "item"; depth: number; number?: number; lines: string[] }
) & {
  /** Whether it is part of the list item before it. */
  isInItem?: boolean;
};

const FENCE = /^\s*(`{3,}|~{3,})\s*([\w+#-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const SETEXT = /^ {0,3}(?:=+|-{2,})\s*$/;
/** A thematic break, or the fence of front matter. */
const RULE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}|\+{3,})$/;
/** The target of `[text][name]`. */
const REFERENCE = /^ {0,3}\[[^\]^]+\]:\s*\S+\s*(?:["'(].*)?$/;
const ITEM = /^([ \t]*)(?:[-*+•]|(\d{1,4})[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*)$/;
const QUOTE = /^\s{0,3}(?:>[ \t]?)+/;
const ALERT = /^\[!(\w+)\]\s*$/;
const DEFINITION = /^\s{0,3}:[ \t]+(.*)$/;
const SEPARATOR = /^\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?\s*)?$/;
/** Where HTML in Markdown begins or ends a paragraph. */
const HTML_BLOCK = /<\/?(?:summary|details|p|div|li|ul|ol|h[1-6]|blockquote|dt|dd|dl|center)\b[^<>]*>/gi;

/** Whether a line divides a table's header from its rows. */
export function isSeparator(line: string): boolean {
  return SEPARATOR.test(line);
}

/**
 * The blocks of a slice of Markdown or plain text, in order: CommonMark and GitHub's tables, definition lists, and HTML
 * for paragraphs, read line by line. The slice may begin inside a comment or a block of code.
 */
export function blocksIn(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = withoutComments(markdown).split(/\r?\n/);
  let open: Block | undefined;
  let fence = "";
  /** Whether a blank line has been read since the open block: what follows belongs to it only when it is indented. */
  let isLoose = false;

  function begin(block: Block): void {
    blocks.push(block);
    open = block;
    isLoose = false;
  }

  function readLine(line: string, next: string): void {
    const mark = FENCE.exec(line);
    if (fence !== "") {
      if (mark?.[1]?.startsWith(fence) && line.trim() === mark[1]) {
        fence = "";
        open = undefined;
      } else open?.lines.push(line);
      return;
    }
    if (mark?.[1]) {
      fence = mark[1];
      begin({ kind: "code", language: (mark[2] ?? "").toLowerCase(), lines: [], isInItem: isInItem(line) });
      return;
    }
    if (HTML_BLOCK.test(line)) {
      HTML_BLOCK.lastIndex = 0;
      for (const part of line.split(HTML_BLOCK)) {
        readText(part, "");
        readText("", "");
      }
      return;
    }
    readText(line.replace(QUOTE, "").replace(ALERT, "$1:"), next.replace(QUOTE, ""));
  }

  function readText(line: string, next: string): void {
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    const definition = DEFINITION.exec(line)?.[1];
    if (line.trim() === "") {
      isLoose = true;
      if (open?.kind !== "item") open = undefined;
    } else if (open?.kind === "text" && open.lines.length === 1 && SETEXT.test(line) && !open.lines[0]?.includes("|")) {
      blocks[blocks.length - 1] = { kind: "heading", level: line.includes("=") ? 1 : 2, lines: open.lines };
      open = undefined;
    } else if (RULE.test(line) || REFERENCE.test(line)) {
      open = undefined;
    } else if (heading) {
      begin({ kind: "heading", level: heading[1]?.length ?? 1, lines: [heading[2] ?? ""] });
      open = undefined;
    } else if (line.includes("|") && (open?.kind === "table" || /^\s*\|/.test(line) || isSeparator(next))) {
      if (open?.kind === "table") open.lines.push(line);
      else begin({ kind: "table", lines: [line] });
    } else if (item) {
      const number = item[2] === undefined ? {} : { number: Number(item[2]) };
      begin({
        kind: "item",
        depth: (item[1] ?? "").replaceAll("\t", "    ").length,
        ...number,
        lines: [item[3] ?? ""],
      });
    } else if (definition !== undefined) {
      define(definition);
    } else if (/^(?: {4}|\t)/.test(line) && open?.kind !== "item" && open?.kind !== "text" && !isInItem(line)) {
      if (open?.kind === "code") open.lines.push(line);
      else begin({ kind: "code", language: "", lines: [line] });
    } else if (open && open.kind !== "table" && open.kind !== "code" && !(isLoose && !/^\s/.test(line))) {
      open.lines.push(line.trim());
    } else {
      begin({ kind: "text", lines: [line.trim()], isInItem: isInItem(line) });
    }
  }

  /** Whether an indented line belongs to the list item that is before it, or before its code. */
  function isInItem(line: string): boolean {
    const last = blocks.at(-1);
    return /^(?: {2}|\t)/.test(line) && (last?.kind === "item" || (last?.isInItem ?? false));
  }

  /** `: text` under a term makes an item "term: text". */
  function define(text: string): void {
    const term = blocks.at(-1);
    if (term?.kind === "text" && term.lines.length === 1) {
      blocks.pop();
      begin({ kind: "item", depth: 0, lines: [`${term.lines[0]}: ${text}`] });
    } else if (term?.kind === "item") {
      term.lines.push(text);
    } else {
      begin({ kind: "text", lines: [text] });
    }
  }

  const fences = lines.filter((line) => FENCE.test(line));
  if (fences.length % 2 === 1 && /^\s*(?:`+|~+)\s*$/.test(fences[0] ?? "")) {
    fence = fences[0]?.trim() ?? "";
    begin({ kind: "code", language: "", lines: [] });
  }
  for (const [at, line] of lines.entries()) readLine(line, lines[at + 1] ?? "");
  return blocks;
}
