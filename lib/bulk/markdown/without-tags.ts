import { type ProtectedCode, protectCode } from "#rag/protected-code.ts";
import { decodeEntities } from "./entities.ts";
import { imageOf, replaceElements, scriptOf, tableOf } from "./html-elements.ts";

/** Nothing in them is shown. */
const HIDDEN = ["script", "style", "template", "svg", "noscript", "head"];
const INSTRUCTION = /<!\[CDATA\[|\]\]>|<!doctype[^<>]*>|<\?[a-z][^<>]*\?>/gi;
const LINK = /<a\s[^<>]*?\bhref\s*=\s*["']([^"'\s()]+)["'][^<>]*>([^<>[\]]{1,300}?)<\/a\s*>/gi;
const CODE = /<(code|samp|tt)>([^<>`\n]{1,1000}?)<\/\1>/gi;
const IMAGE = /<img\b([^<>]*)>/gi;
const SCRIPT = /(?<=[\p{L}\p{N})\]])<(su[bp])>([^<>\n]{1,30})<\/\1>/giu;
const BREAK = /<br\s*\/?>[ \t]*\n?/gi;
const ITEM = /\n?<li\b[^<>]*>\s*/gi;
/** Tags that end a paragraph. */
const BLOCK =
  /<\/?(?:p|div|center|details|summary|table|thead|tbody|tr|ul|ol|dl|dt|dd|blockquote|section|article|aside|header|footer|main|nav|figure|figcaption|hr|form|fieldset|picture|video|h[1-6])(?:\s[^<>]*)?\/?>\s*/gi;
const INLINE =
  /<\/?(?:a|abbr|audio|b|bdi|bdo|big|cite|code|del|dfn|em|embed|font|i|iframe|ins|kbd|li|map|area|mark|meta|nobr|param|pre|q|s|samp|small|source|span|strike|strong|sub|sup|td|th|track|tt|u|var|wbr)(?:\s[^<>]*)?\/?>/gi;
/** Of elements that HTML does not know: components if they are closed or have attributes, else placeholders: `<name>`. */
const UNKNOWN = /(?<![\p{L}\p{N}_])<([A-Za-z][\w.-]*)(\s[^<>]*)?\/?>|<\/([A-Za-z][\w.-]*)\s*>/gu;
const SHOWN_ATTRIBUTE = /\b(?:title|label|heading|header|summary|caption)\s*=\s*(?:"([^"]+)"|'([^']+)')/;
/** Written so that it is not a tag; as code, or it would be one afterwards. */
const ESCAPED_TAG = /&lt;(\/?[A-Za-z][^&<>`\n]{0,100})&gt;/g;
const ROW = /^\s*\|/;
const PLACEHOLDER = /\uE000\d+\uE001/g;

/**
 * Markdown with its HTML as Markdown or plain text: no tags, comments and character references, and all the text that they
 * show. Code stays as it is, and so does what only looks like a tag: `List<T>`, `<your-name>`, `<https://…>`. Linear in
 * the length.
 */
export function withoutTags(markdown: string): string {
  if (!/[<&]/.test(markdown)) return markdown;
  const code = protectCode(markdown);
  const { prose, keep, restore } = code;
  const shown = /<[A-Za-z/!?]/.test(prose) ? tidied(inMarkdown(prose, code)) : prose;
  return restore(decodeEntities(shown.replace(ESCAPED_TAG, (_, tag: string) => keep(`\`<${tag}>\``))));
}

function inMarkdown(prose: string, { keep, restore }: ProtectedCode): string {
  let text = replaceElements(prose, /<!--/g, /-->/g, () => "").replace(INSTRUCTION, "");
  const each = (name: string, replace: (content: string) => string) => {
    if (!new RegExp(`<${name}`, "i").test(text)) return;
    const open = new RegExp(`<${name}(?:\\s[^<>]*)?>`, "gi");
    text = replaceElements(text, open, new RegExp(`</${name}\\s*>`, "gi"), replace);
  };
  const cellOf = (cell: string) =>
    onOneLine(cell.replace(PLACEHOLDER, (code) => (restore(code).includes("\n") ? keep(spanOf(restore(code))) : code)));
  for (const name of HIDDEN) each(name, () => "");
  each("pre", (code) => {
    const plain = decodeEntities(code.replace(/<\/?[A-Za-z][^<>]*>/g, ""))
      .replace(/^\n/, "")
      .trimEnd();
    return `\n\n${keep(`\`\`\`\n${plain}\n\`\`\``)}\n\n`;
  });
  each("table", (rows) => (/<table/i.test(rows) ? rows : `\n\n${tableOf(rows, cellOf)}\n\n`));
  for (const level of [1, 2, 3, 4, 5, 6]) each(`h${level}`, (title) => paragraphOf(title, `${"#".repeat(level)} `, ""));
  each("summary", (title) => (/[*#\n]\s*\S/.test(title.trim()) ? title : paragraphOf(title, "**", "**")));
  return byLine(text);
}

/** Tables of Markdown hold their rows together: what is a line break elsewhere is a space there. */
function byLine(text: string): string {
  const parts: string[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length > 0) parts.push(withoutInlineTags(withBreaks(paragraph.join("\n"))));
    paragraph = [];
  };
  for (const line of text.split("\n")) {
    if (!ROW.test(line)) {
      paragraph.push(line);
      continue;
    }
    flush();
    parts.push(onOneLine(line));
  }
  flush();
  return parts.join("\n");
}

function withBreaks(text: string): string {
  return text.replace(ITEM, "\n- ").replace(BLOCK, "\n\n").replace(BREAK, "\n");
}

function withoutInlineTags(text: string): string {
  if (!text.includes("<")) return text;
  const closed = new Set(Array.from(text.matchAll(/<\/([A-Za-z][\w.-]*)/g), ([, name]) => name));
  return text
    .replace(IMAGE, (_, attributes: string) => imageOf(attributes))
    .replace(CODE, "`$2`")
    .replace(LINK, "[$2]($1)")
    .replace(SCRIPT, (_, kind: string, script: string) => scriptOf(kind.toLowerCase(), script))
    .replace(INLINE, "")
    .replace(UNKNOWN, (tag, name: string | undefined, attributes = "") => {
      if (name === undefined) return "";
      if (!attributes.includes("=") && !tag.endsWith("/>") && !closed.has(name)) return tag;
      const [, double, single] = SHOWN_ATTRIBUTE.exec(attributes) ?? [];
      const title = double ?? single;
      return title === undefined ? "" : `**${title}**\n\n`;
    });
}

function onOneLine(text: string): string {
  const spaced = text.replace(BREAK, " ").replace(BLOCK, " ").replace(ITEM, " • ");
  return withoutInlineTags(spaced).replace(/\s+/g, " ").trim();
}

/** Fenced code as a span: a cell of a table is one line. */
function spanOf(fenced: string): string {
  const lines = fenced.split("\n").slice(1, -1);
  return `\`${lines.join(" ").replaceAll("`", "'").replace(/\s+/g, " ").trim()}\``;
}

function paragraphOf(text: string, before: string, after: string): string {
  const line = onOneLine(text);
  return line === "" ? "\n\n" : `\n\n${before}${line}${after}\n\n`;
}

/** Without white space at the end of lines, and more than one blank line, which tags leave behind. */
function tidied(text: string): string {
  return text
    .replace(/(?<![ \t])[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^\n+/, "");
}
