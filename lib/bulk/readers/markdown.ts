import { withoutDirectives } from "#bulk/markdown/directives.ts";
import { splitFrontMatter } from "#bulk/markdown/front-matter.ts";
import { withoutMdx } from "#bulk/markdown/mdx.ts";
import { withoutReferences } from "#bulk/markdown/references.ts";
import { withoutTags } from "#bulk/markdown/without-tags.ts";
import { withoutFootnoteMarks } from "#rag/footnote-marks.ts";
import { type Block, blocksOf } from "#rag/markdown.ts";
import { plainTitle } from "#rag/plain-title.ts";
import { protectCode } from "#rag/protected-code.ts";
import { type Content, titleOf } from "./content.ts";

/**
 * What a reader sees of a Markdown text, as Markdown: without front matter, tags, comments, definitions of links and the
 * directives of site generators. Its title is the front matter's, or else its heading of the first level, or else a
 * heading that it begins with.
 */
export function readMarkdown(source: string, { isMdx = false } = {}): Content {
  const { fields, text } = splitFrontMatter(source);
  const { prose, restore } = protectCode(text);
  const plain = withoutReferences(withoutDirectives(isMdx ? withoutMdx(prose) : prose));
  const marked = plain === prose ? plain : plain.replace(/\n{3,}/g, "\n\n");
  const shown = withoutTags(restore(withoutFootnoteMarks(marked)));
  const { title } = fields;
  return { text: shown, ...titleOf(typeof title === "string" ? plainTitle(title) : title, headingOf(shown)) };
}

function headingOf(text: string): string | undefined {
  let first: Block | undefined;
  for (const block of blocksOf(text)) {
    first ??= block;
    if (block.kind === "heading" && block.level === 1 && block.title !== "") return block.title;
  }
  return first?.kind === "heading" ? first.title : undefined;
}
