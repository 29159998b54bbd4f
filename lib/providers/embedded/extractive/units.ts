import { sentencesOf } from "#rag/segment.ts";
import { type Block, blocksIn, isSeparator } from "./blocks.ts";
import { isFurniture } from "./furniture.ts";
import { isData, isMachineText } from "./machine-text.ts";
import { readable } from "./readable.ts";
import { rowsOf } from "./tables.ts";

/** The smallest part of a passage. */
export interface Unit {
  /** `question` is one that the units after it answer; it is never quoted, nor is a `heading`. */
  kind: "sentence" | "item" | "step" | "row" | "code" | "question" | "heading";
  /** Plain text; only that of `code` has line breaks. */
  text: string;
  /** The number of its paragraph, list, table or block of code. */
  block: number;
  /** Of a heading, 1 to 6; of an item, its indentation. */
  level: number;
}

const WORD = /[\p{L}\p{N}]/u;
const QUESTION_MARK = /[?？]["'”’)]*$/;
/** A line in bold that is no sentence: a heading of what follows. */
const LABEL = /^(\*\*|__)(?!.*\1.*\1)[^\n]{1,80}[^.?!\n]\1(?:, [^.\n]{1,20})?:?$/;
const COLUMNS = /^\s*\S.*?(?:\S {3,}|[^.!?:\s] {2,})\S/;
const ASKED = /^[*_]*Q(?:uestion)?\s?\d{0,3}\s*[:.)][*_]*\s+/i;
const REPLIED = /^[*_]*A(?:nswer)?\s?\d{0,3}\s*[:.)][*_]*\s+/;
/** Longer code is quoted by the line. */
const MAX_CODE_LINES = 12;
const MAX_CODE_LENGTH = 400;

/**
 * The units of a chunk of Markdown or plain text, in order. What is not to be read is left out: comments, tags, rules,
 * separators of tables, links that only lead elsewhere, JSON and event streams.
 */
export function unitsOf(markdown: string): Unit[] {
  let last: Block | undefined;
  let number = 0;
  return blocksIn(markdown).flatMap((block) => {
    if (!(isOfList(block) && isOfList(last))) number += 1;
    last = block;
    return partsOf(block)
      .filter(({ text }) => WORD.test(text))
      .map((part) => ({ level: 0, ...part, block: number }));
  });
}

function isOfList(block: Block | undefined): boolean {
  return block?.kind === "item" || (block?.isInItem ?? false);
}

type Part = Pick<Unit, "kind" | "text"> & { level?: number };

function partsOf(block: Block): Part[] {
  if (block.kind === "code") return codeOf(block.language, block.lines);
  if (block.kind === "table") return tableOf(block.lines);
  const lines = block.lines.filter((line) => !(isFurniture(line) || isMachineText(line)));
  switch (block.kind) {
    case "heading":
      return [{ kind: "heading", text: readable(lines.join(" ")), level: block.level }];
    case "item":
      return [itemOf(readable(lines.join(" ")), block)];
    case "text":
      if (LABEL.test(lines.join("\n")))
        return [{ kind: "sentence", text: `${readable(lines.join("")).replace(/:$/, "")}:` }];
      return isListing(lines) ? codeOf("", lines) : paragraphsOf(lines).flatMap(sentencesIn);
  }
}

function tableOf(lines: readonly string[]): Part[] {
  return rowsOf(lines.filter((line) => isSeparator(line) || !isFurniture(line))).flatMap(
    ({ question, text }): Part[] =>
      question
        ? [
            { kind: "question", text: question },
            { kind: "row", text },
          ]
        : [{ kind: "row", text }],
  );
}

/** Whether lines are in columns: code whose fence is in another chunk, or a text with a table of its own. */
function isListing(lines: readonly string[]): boolean {
  return lines.length > 2 && lines.filter((line) => COLUMNS.test(line)).length * 2 > lines.length;
}

/** Divides where a line begins with "Q:" or "A:". */
function paragraphsOf(lines: readonly string[]): string[] {
  const paragraphs: string[][] = [];
  for (const line of lines) {
    const previous = paragraphs.at(-1);
    const endsQuestion = previous?.length === 1 && QUESTION_MARK.test(readable(previous[0] ?? ""));
    if (!previous || endsQuestion || ASKED.test(line) || REPLIED.test(line)) paragraphs.push([line]);
    else previous.push(line);
  }
  return paragraphs.map((paragraph) => paragraph.join(" "));
}

function sentencesIn(paragraph: string): Part[] {
  const text = readable(paragraph.replace(ASKED, "").replace(REPLIED, ""));
  if (ASKED.test(paragraph)) return [{ kind: "question", text }];
  return sentencesOf(text).map(({ start, end }, place): Part => {
    const sentence = text.slice(start, end).trim();
    return { kind: place === 0 && QUESTION_MARK.test(sentence) ? "question" : "sentence", text: sentence };
  });
}

/** An item; one that is nothing but a question is answered by what follows. */
function itemOf(text: string, { number, depth }: { number?: number; depth: number }): Part {
  if (QUESTION_MARK.test(text) && sentencesOf(text).length === 1) return { kind: "question", text };
  return number === undefined
    ? { kind: "item", text, level: depth }
    : { kind: "step", text: `${number}. ${text}`, level: depth };
}

function codeOf(language: string, lines: readonly string[]): Part[] {
  if (isData(language, lines)) return [];
  const read = lines.filter((line) => !isMachineText(line)).map((line) => line.trimEnd());
  const indent = Math.min(...read.filter(Boolean).map((line) => line.length - line.trimStart().length));
  const whole = read
    .map((line) => line.slice(indent))
    .join("\n")
    .replace(/^\n+|\n+$/g, "");
  if (read.length <= MAX_CODE_LINES && whole.length <= MAX_CODE_LENGTH) return [{ kind: "code", text: whole }];
  return read.filter((line) => line !== "").map((text) => ({ kind: "code", text }));
}
