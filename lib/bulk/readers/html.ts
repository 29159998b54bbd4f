import { decodeHtml } from "#bulk/html/charset.ts";
import { openAccount } from "#bulk/html/left-out.ts";
import { mainContentOf } from "#bulk/html/main-content.ts";
import { markdownOf } from "#bulk/html/markdown.ts";
import { attribute, elementsIn, isElement, isHeading, textOf } from "#bulk/html/nodes.ts";
import { parseHtml } from "#bulk/html/parse.ts";
import { prepare } from "#bulk/html/prepare.ts";
import { keepVisible } from "#bulk/html/visible.ts";
import { type Content, titleOf } from "./content.ts";
import { titleOfPage } from "./page-title.ts";

/** The content of a page in any character set that browsers read: {@link readHtml}. */
export function readHtmlBytes(bytes: Uint8Array, charset?: string): Content {
  return readHtml(decodeHtml(bytes, charset));
}

/**
 * The content of a page as Markdown: what a reader can see or open, without what surrounds it. `leftOut` says what was not
 * taken.
 */
export function readHtml(source: string): Content {
  const page = parseHtml(source);
  const drawn = new Set([...elementsIn(page)].filter((node) => isElement(node, "svg")).flatMap((svg) => svg.children));
  const title = [...elementsIn(page)].find((node) => isElement(node, "title") && !drawn.has(node));
  const site = [...elementsIn(page)].find((node) => isElement(node, "meta") && isSiteName(attribute(node, "property")));
  const account = openAccount();
  keepVisible(page, account);
  const { content, leftOut } = mainContentOf(page);
  prepare(content);
  const headings = [...elementsIn(content)]
    .filter(isHeading)
    .map((node) => ({ level: Number(node.tagName.slice(1)), text: textOf(node) }));
  const name = titleOfPage({ page: title && textOf(title), site: site && attribute(site, "content"), headings });
  const all = [...account.total(), ...leftOut].sort((a, b) => b.characters - a.characters);
  const text = markdownOf(content).trim();
  return { text: text === "" ? "" : `${text}\n`, ...titleOf(name), ...(all.length > 0 && { leftOut: all }) };
}

function isSiteName(property: string): boolean {
  return property === "og:site_name";
}
