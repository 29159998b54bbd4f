import type { Root } from "hast";
import { fromParse5 } from "hast-util-from-parse5";
import { type DefaultTreeAdapterMap, Parser, Token, TokenizerMode } from "parse5";
import { flatPage } from "./flat.ts";

/** What follows recurses, with several calls for each level; pages that people write have less than a hundred. */
const MAX_DEPTH = 250;
const IS_XHTML = /^\s*<\?xml\s|<!DOCTYPE[^>]*\bXHTML\b|<html[^>]*\sxmlns\s*=/i;

/**
 * The tree of a page, as browsers read it but for two things. A tag that closes itself does so for every element, as its
 * author meant: `<a id="x"/>` does not swallow what follows. A page that is nested more than 250 levels deep is read flat:
 * headings, paragraphs and code, in one list.
 */
export function parseHtml(source: string): Root {
  const html = IS_XHTML.test(source.slice(0, 2_000)) ? withoutCdata(source) : source;
  const parser = new PageParser({ scriptingEnabled: false });
  try {
    parser.tokenizer.write(html, true);
  } catch (error) {
    if (error instanceof TooDeep) return flatPage(html);
    throw error;
  }
  // Elements that are moved to where they belong may be deeper than any that was open.
  if (isDeep(parser.document)) return flatPage(html);
  // The document of the default adapter becomes a root.
  return fromParse5(parser.document) as Root;
}

class TooDeep extends Error {}

class PageParser extends Parser<DefaultTreeAdapterMap> {
  override onItemPush(...item: Parameters<Parser<DefaultTreeAdapterMap>["onItemPush"]>): void {
    super.onItemPush(...item);
    if (this.openElements.stackTop > MAX_DEPTH) throw new TooDeep();
  }

  override onStartTag(token: Token.TagToken): void {
    super.onStartTag(token);
    if (!token.selfClosing || token.ackSelfClosing) return;
    this.onEndTag({ ...token, type: Token.TokenType.END_TAG, attrs: [], selfClosing: false, ackSelfClosing: false });
    // Such as of <script/> and <title/>, whose content is not parsed.
    this.tokenizer.state = TokenizerMode.DATA;
  }
}

function isDeep(document: DefaultTreeAdapterMap["document"]): boolean {
  const levels: { node: DefaultTreeAdapterMap["node"]; depth: number }[] = [{ node: document, depth: 0 }];
  for (let next = levels.pop(); next; next = levels.pop()) {
    const { node, depth } = next;
    if (depth > MAX_DEPTH + 2) return true;
    if ("childNodes" in node) for (const child of node.childNodes) levels.push({ node: child, depth: depth + 1 });
  }
  return false;
}

const CDATA = "<![CDATA[";

/** In HTML these sections are comments; in XHTML they are text. */
function withoutCdata(source: string): string {
  const [first = "", ...sections] = source.split(CDATA);
  const texts = sections.map((section) => {
    const end = section.indexOf("]]>");
    if (end === -1) return section;
    return section.slice(0, end).replaceAll("&", "&amp;").replaceAll("<", "&lt;") + section.slice(end + 3);
  });
  return first + texts.join("");
}
