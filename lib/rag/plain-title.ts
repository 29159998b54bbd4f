import { protectCode } from "./protected-code.ts";

const IMAGE = /!\[([^\][\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])/g;
const LINK = /\[([^\][\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])/g;
/** A tag of HTML or a comment; not `<T>` after a word, as in List<T>. */
const TAG = /<!--.*?-->|(?<![\p{L}\p{N}_])<\/?[A-Za-z][^<>]*>|<\/[A-Za-z][^<>]*>/gu;
/** Of Pandoc, kramdown and Docusaurus: `{#id}`, `{: .class}`. */
const ATTRIBUTES = /[ \t]*\{[#:.][^{}\n]*\}$/;
const EMPHASIS = [
  /(\*{1,3}|~~)(?=\S)((?:(?!\1)[^\n])+?)(?<=\S)\1/g,
  /(?<![\p{L}\p{N}_])(_{1,3})(?=\S)([^\n_]+(?:_[^\n_]+)*)(?<=\S)\1(?![\p{L}\p{N}_])/gu,
];
const FOOTNOTE_MARK = /\[\^[^\]\s]{1,50}\]/g;
const ESCAPED = /\\([!-/:-@[-`{-~])/g;

/**
 * A heading of Markdown as a reader sees it, on one line: without images, link targets, emphasis, tags and ids. Of a heading
 * that is nothing but images, what they show.
 */
export function plainTitle(markdown: string): string {
  const { prose, restore } = protectCode(markdown.slice(0, 2000));
  const text = (imagesAs: string): string => {
    const inline = prose.replace(IMAGE, imagesAs).replace(LINK, "$1").replace(LINK, "$1").replace(TAG, "");
    const plain = inline.replace(FOOTNOTE_MARK, "").trim().replace(ATTRIBUTES, "");
    const shown = EMPHASIS.reduce((rest, emphasis) => rest.replace(emphasis, "$2"), plain).replace(ESCAPED, "$1");
    const code = (span: string) => restore(span).replace(/^(`+) ?(.*?) ?\1$/s, "$2");
    return shown
      .replace(/\uE000\d+\uE001/g, code)
      .replace(/\s+/g, " ")
      .trim();
  };
  return text("") || text("$1");
}
