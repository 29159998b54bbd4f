import { Lexer, type Token, type Tokens } from "marked";
import { decodeEntities } from "./entities.ts";
import { element, leaf, type MarkdownNode } from "./nodes.ts";

/** Longer texts are shown as they are from here on. */
const MAX_LENGTH = 100_000;
/** Of a paragraph: the lexer's time grows faster than the text. */
const MAX_INLINE_LENGTH = 5_000;
const MAX_LEXING_MS = 100;
const MAX_DEPTH = 16;
/** A line that opens so many quotes and lists would nest as deeply. */
const TOO_DEEP = new RegExp(`^(?:[ \\t]*(?:>|[-*+]|\\d{1,9}[.)])){${MAX_DEPTH},}`, "m");
const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;

/**
 * Reads Markdown (GitHub's): HTML in it is text, images are their description and address, and only addresses of the web
 * and of mail are links. What is too long or too deeply nested to be read in reasonable time is shown as it is.
 */
export function readMarkdown(markdown: string): MarkdownNode[] {
  const read = markdown.slice(0, MAX_LENGTH);
  const nodes = TOO_DEEP.test(read) ? [asIs(read)] : withHeadingLevels(blocksOf(lex(read), 0));
  return markdown.length > MAX_LENGTH ? [...nodes, asIs(markdown.slice(MAX_LENGTH))] : nodes;
}

function asIs(text: string): MarkdownNode {
  return element("codeblock", [leaf(text)]);
}

function lex(markdown: string): Token[] {
  const lexer = new Lexer({ gfm: true, breaks: true });
  try {
    lexer.blockTokens(markdown.replace(/\r\n?/g, "\n"), lexer.tokens);
  } catch {
    // The lexer calls itself for each level.
    return [{ type: "code", raw: markdown, text: markdown }];
  }
  const end = performance.now() + MAX_LEXING_MS;
  for (const { src, tokens } of lexer.inlineQueue) {
    if (src.length > MAX_INLINE_LENGTH || performance.now() > end) tokens.push({ type: "text", raw: src, text: src });
    else lexer.inlineTokens(src, tokens);
  }
  return lexer.tokens;
}

function blocksOf(tokens: readonly Token[], depth: number): MarkdownNode[] {
  return tokens.flatMap((token) => blockOf(token, depth));
}

function blockOf(token: Token, depth: number): MarkdownNode[] {
  if (depth > MAX_DEPTH) return [leaf(token.raw)];
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "paragraph":
      return [element("paragraph", inlinesOf(token.tokens, depth))];
    case "heading":
      return [{ ...element("heading", inlinesOf(token.tokens, depth)), level: (token as Tokens.Heading).depth }];
    case "code":
      return [element("codeblock", [leaf((token as Tokens.Code).text)])];
    case "blockquote":
      return [element("quote", blocksOf(token.tokens ?? [], depth + 1))];
    case "hr":
      return [element("rule", [])];
    case "list":
      return [listOf(token as Tokens.List, depth)];
    case "table":
      return [tableOf(token as Tokens.Table, depth)];
    case "html":
      return [element("paragraph", [leaf(token.raw.trimEnd())])];
    default:
      return inlineOf(token, depth);
  }
}

function listOf({ items, ordered, start }: Tokens.List, depth: number): MarkdownNode {
  const children = items.map((item) => element("item", blocksOf(item.tokens, depth + 1)));
  return { ...element("list", children), ...(ordered && { start: Number(start) }) };
}

function tableOf({ header, rows }: Tokens.Table, depth: number): MarkdownNode {
  const cellOf = ({ tokens, header: isHeader }: Tokens.TableCell): MarkdownNode => ({
    ...element("cell", inlinesOf(tokens, depth)),
    isHeader,
  });
  return element(
    "table",
    [header, ...rows].map((cells) => element("row", cells.map(cellOf))),
  );
}

function inlinesOf(tokens: readonly Token[] = [], depth: number): MarkdownNode[] {
  return tokens.flatMap((token) => inlineOf(token, depth));
}

function inlineOf(token: Token, depth: number): MarkdownNode[] {
  if (depth > MAX_DEPTH) return [leaf(token.raw)];
  const tokens = "tokens" in token ? token.tokens : undefined;
  const children = () => inlinesOf(tokens, depth + 1);
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return [element(token.type, children())];
    case "codespan":
      return [element("code", [leaf((token as Tokens.Codespan).text)])];
    case "br":
      return [element("break", [])];
    case "link": {
      const href = decodeEntities((token as Tokens.Link).href);
      return SAFE_LINK.test(href) ? [{ ...element("link", children()), href }] : children();
    }
    case "image": {
      const { href } = token as Tokens.Image;
      return [element("image", [...children(), leaf(` (${decodeEntities(href)})`)])];
    }
    case "checkbox":
      return [leaf((token as Tokens.Checkbox).checked ? "☑ " : "☐ ")];
    case "escape":
      return [leaf((token as Tokens.Escape).text)];
    case "html":
      return [leaf(token.raw)];
    default:
      return tokens ? children() : [leaf(decodeEntities("text" in token ? String(token.text) : token.raw))];
  }
}

/** Levels as they are nested: a heading is one deeper than the one that it is under. */
function withHeadingLevels(nodes: readonly MarkdownNode[]): MarkdownNode[] {
  const open: number[] = [];
  const visit = (node: MarkdownNode): MarkdownNode => {
    if (node.type === "text") return node;
    const children = node.children.map(visit);
    if (node.level === undefined) return { ...node, children };
    while ((open.at(-1) ?? 0) >= node.level) open.pop();
    open.push(node.level);
    return { ...node, children, level: open.length };
  };
  return nodes.map(visit);
}
