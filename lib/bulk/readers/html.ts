import type { Element, ElementContent, Root, RootContent } from "hast";
import { fromHtml } from "hast-util-from-html";
import { select, selectAll } from "hast-util-select";
import { toMdast } from "hast-util-to-mdast";
import { toString as textOf } from "hast-util-to-string";
import { gfmToMarkdown } from "mdast-util-gfm";
import { toMarkdown } from "mdast-util-to-markdown";
import { type Content, titleOf } from "./content.ts";

/** Never part of the content. */
const NOISE =
  "script, style, noscript, template, iframe, object, canvas, svg, dialog, form, button, nav, [hidden], " +
  '[aria-hidden=true], [role=navigation], [role=search], [role=dialog], img[src^="data:"]';
/** Around the content, in pages that do not mark which part it is. */
const SURROUNDINGS = "body > header, body > footer, aside, [role=banner], [role=contentinfo], [role=complementary]";

/**
 * The content of a page as Markdown: `<main>`, the only `<article>`, or the body without headers, footers and asides. The
 * title is its first `<h1>`, or else the page's.
 */
export function readHtml(source: string): Content {
  const page = fromHtml(source);
  const marked = select("main, [role=main]", page) ?? onlyArticleOf(page);
  const content = marked ?? page;
  remove(content, marked ? NOISE : `${NOISE}, ${SURROUNDINGS}`, page);
  const heading = select("h1", content);
  const title = select("head > title", page);
  const text = toMarkdown(toMdast(content), { extensions: [gfmToMarkdown()] });
  return { text, ...titleOf(heading && textOf(heading), title && textOf(title)) };
}

function onlyArticleOf(page: Root): Element | undefined {
  const [article, ...more] = selectAll("article", page);
  return more.length === 0 ? article : undefined;
}

/** Removes all matches of a selector, in place. The selector is matched against the whole page. */
function remove(from: Element | Root, selector: string, page: Root): void {
  const found = new Set<RootContent>(selectAll(selector, page));
  const clean = (node: Element | Root): void => {
    const kept = (node.children as RootContent[]).filter((child) => !found.has(child) && child.type !== "comment");
    node.children = kept as ElementContent[];
    for (const child of kept) if (child.type === "element") clean(child);
  };
  clean(from);
}
