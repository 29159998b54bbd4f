import { blocksOf } from "#rag/markdown.ts";
import { linesOf, sentencesOf } from "#rag/segment.ts";

const FENCE = /^\s*(?:`{3}|~{3})/;
/** The marker of a list item (with an optional check box) or a block quote. */
const MARKER = /^\s*(?:[-*+]|\d{1,9}[.)]|>+)\s+(?:\[[ xX]\]\s+)?/;
const TAG_OR_IMAGE = /<[^<>]*>|!\[[^\]]*\]\([^()]*\)/g;
const WORD = /[\p{L}\p{N}]/u;

/**
 * The parts of a Markdown or plain text that can be quoted in an answer, in order: sentences, list items without their
 * markers, table rows and lines of code, verbatim but each on one line. No headings, fences, rules or bare images.
 */
export function quotableSentencesOf(text: string): string[] {
  return [...blocksOf(text)].flatMap((block) => {
    if (block.kind === "heading") return [];
    const body = text.slice(block.start, block.end);
    const lines = block.kind === "code" ? linesOf(body).map(({ start, end }) => body.slice(start, end)) : [body];
    // Code is split into sentences too: a chunk that starts inside a code block has its fences inverted.
    return lines
      .flatMap((line) => sentencesOf(line).map(({ start, end }) => line.slice(start, end)))
      .filter((quote) => !FENCE.test(quote) && WORD.test(quote.replace(TAG_OR_IMAGE, "")))
      .map((quote) => quote.replace(MARKER, "").replace(/\s+/g, " ").trim());
  });
}
