import { element, leaf, type MarkdownNode } from "#console/markdown/nodes.ts";
import { replaceTexts } from "../../shell/markdown/visible-text.ts";
import { numbersIn } from "../sources/quotes.ts";

const CITATIONS = / ?((?:\[\d+(?:\s*,\s*\d+)*\])+)/g;

/** Makes citations of `[1]` and `[2, 3]` outside of code, where all of the numbers are known. */
export function withCitations(nodes: readonly MarkdownNode[], known: ReadonlySet<number>): MarkdownNode[] {
  return replaceTexts(nodes, (text, _, ancestors) =>
    ancestors.some(({ type }) => type === "code" || type === "codeblock") ? [leaf(text)] : citationsIn(text, known),
  );
}

function citationsIn(text: string, known: ReadonlySet<number>): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  let at = 0;
  for (const { 0: match, 1: cited = "", index } of text.matchAll(CITATIONS)) {
    const numbers = numbersIn(cited);
    if (!numbers.every((number) => known.has(number))) continue;
    if (index > at) nodes.push(leaf(text.slice(at, index)));
    nodes.push({ ...element("citation", [leaf(match)]), numbers });
    at = index + match.length;
  }
  if (at < text.length) nodes.push(leaf(text.slice(at)));
  return nodes;
}

/** The sources that a text cites, of those that are known. */
export function citedNumbers(text: string, known: ReadonlySet<number>): Set<number> {
  const cited = Array.from(text.matchAll(CITATIONS)).flatMap(({ 1: numbers = "" }) => numbersIn(numbers));
  return new Set(cited.filter((number) => known.has(number)));
}
