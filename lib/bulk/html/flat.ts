import type { Element, Root, RootContent } from "hast";
import { type Token, Tokenizer, TokenizerMode } from "parse5";
import { element, text } from "./nodes.ts";

/** Between two of these tags is a paragraph. Others, such as `<b>` and `<a>`, are within one. */
const BREAKS =
  /^(?:address|article|aside|blockquote|body|br|caption|center|dd|details|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|html|legend|li|main|menu|nav|ol|option|p|pre|section|summary|table|td|th|title|tr|ul)$/;
const KEPT = /^(?:h[1-6]|pre|title)$/;
/** What the tokenizer has to be told is no markup, and is no text either. */
const RAW: Readonly<Record<string, number>> = {
  ...{ script: TokenizerMode.SCRIPT_DATA, style: TokenizerMode.RAWTEXT, iframe: TokenizerMode.RAWTEXT },
  ...{ title: TokenizerMode.RCDATA, textarea: TokenizerMode.RCDATA, xmp: TokenizerMode.RAWTEXT },
};
const INVISIBLE = /^(?:script|style|iframe)$/;

/** Reads a page by its tags alone, in time and memory that grow with its length, however it is nested. */
export function flatPage(source: string): Root {
  const head: Element[] = [];
  const body: RootContent[] = [];
  let parts: string[] = [];
  let kind = "p";
  let invisible = "";

  const close = (): void => {
    const value = parts.join("");
    if (value.trim() !== "") (kind === "title" ? head : body).push(element(kind, [text(value)]));
    parts = [];
    kind = "p";
  };
  const characters = ({ chars }: Token.CharacterToken): void => {
    if (invisible === "") parts.push(chars);
  };
  const tokenizer = new Tokenizer(
    { sourceCodeLocationInfo: false },
    {
      onStartTag({ tagName, selfClosing }) {
        if (invisible !== "") return;
        if (BREAKS.test(tagName)) close();
        if (selfClosing) return;
        if (KEPT.test(tagName)) kind = tagName;
        if (INVISIBLE.test(tagName)) invisible = tagName;
        tokenizer.state = RAW[tagName] ?? tokenizer.state;
        tokenizer.lastStartTagName = tagName;
      },
      onEndTag({ tagName }) {
        if (tagName === invisible) invisible = "";
        else if (invisible === "" && BREAKS.test(tagName)) close();
      },
      onCharacter: characters,
      onWhitespaceCharacter: characters,
      onNullCharacter() {},
      onComment() {},
      onDoctype() {},
      onEof: close,
    },
  );
  tokenizer.write(source, true);
  return { type: "root", children: [element("html", [element("head", head), element("body", body)])] };
}
