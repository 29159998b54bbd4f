/** What is drawn of a text in Markdown. Visible text is in the leaves alone, and nothing of it is HTML. */
export type MarkdownNode = MarkdownText | MarkdownElement;

export interface MarkdownText {
  type: "text";
  text: string;
}

export interface MarkdownElement {
  type: Inline | Block;
  children: MarkdownNode[];
  /** Of a link: http, https or mailto. */
  href?: string;
  /** Of a heading: 1 for the outermost one of the text, and no level is skipped. */
  level?: number;
  /** Of an ordered list: its first number. */
  start?: number;
  /** Of a cell. */
  isHeader?: boolean;
  /** Of a citation: the sources. */
  numbers?: number[];
}

type Inline = "strong" | "em" | "del" | "code" | "link" | "image" | "break" | "mark" | "highlight" | "citation";
type Block =
  | "paragraph"
  | "heading"
  | "codeblock"
  | "quote"
  | "list"
  | "item"
  | "table"
  | "row"
  | "cell"
  | "rule"
  | "path";

export function element(type: MarkdownElement["type"], children: MarkdownNode[]): MarkdownElement {
  return { type, children };
}

export function leaf(text: string): MarkdownText {
  return { type: "text", text };
}
