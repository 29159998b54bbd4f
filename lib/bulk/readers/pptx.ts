import { escapeHtml, readFragment } from "#bulk/html/fragment.ts";
import { LeftOutCount, type OfficePackage, openPackage } from "#bulk/office/package.ts";
import { paragraphsHtml } from "#bulk/office/pptx/paragraphs.ts";
import { partsOf } from "#bulk/office/pptx/shapes.ts";
import { attributeOf, childAt, childrenOf, descendants, textOfAll } from "#bulk/office/xml.ts";
import { unzip } from "#bulk/office/zip.ts";
import { type Content, titleOf } from "./content.ts";
import { isNoName } from "./page-title.ts";

const WANTED = /\.rels$|^docProps\/core\.xml$|^ppt\/.*\.xml$/i;

/**
 * A presentation, slide by slide in its order, each under its title, with the speaker's notes. Hidden slides, charts,
 * comments, and what repeats on every slide are left out.
 *
 * @throws UnreadableError when it is damaged, has a password, or is of another kind
 */
export function readPptx(bytes: Uint8Array): Content {
  const deck = openPackage(
    unzip(bytes, ".pptx", (name) => WANTED.test(name)),
    ".pptx",
  );
  const leftOut = new LeftOutCount();
  const references = deck.references(deck.main);
  const slides = childrenOf(childAt(deck.part(deck.main), "sldIdLst"), "sldId");
  const shown: { title: string; html: string }[] = [];
  for (const [index, slide] of slides.entries()) {
    const name = references.get(attributeOf(slide, ":id") ?? "")?.name ?? "";
    const root = deck.part(name);
    if (/^(?:0|false)$/.test(attributeOf(root, "show") ?? "")) {
      leftOut.add("hidden slides", textOfAll(root, "t"));
      continue;
    }
    const { title, body } = partsOf(deck, name, leftOut);
    const notes = notesOf(deck, name, leftOut);
    if (title === "" && /^(?:<[^>]*>)*$/.test(body) && notes === "") continue;
    const html = `<h1>${escapeHtml(title || `Slide ${index + 1}`)}</h1>${body}`;
    shown.push({ title, html: html + (notes === "" ? "" : `<h2>Notes</h2>${notes}`) });
  }
  const { text } = readFragment(shown.map(({ html }) => html).join(""));
  const named = isNoName(deck.title ?? "") ? undefined : deck.title;
  return { text, ...titleOf(named, shown.find(({ title }) => title !== "")?.title), ...leftOut.content };
}

function notesOf(deck: OfficePackage, slide: string, leftOut: LeftOutCount): string {
  let html = "";
  for (const { name, type } of deck.references(slide).values()) {
    if (type === "comments")
      leftOut.add("comments", textOfAll(deck.part(name), "text") + textOfAll(deck.part(name), "t"));
    if (type !== "notesSlide") continue;
    for (const shape of descendants(deck.part(name), "sp")) {
      const placeholder = childAt(shape, "nvSpPr", "nvPr", "ph");
      if (attributeOf(placeholder, "type") === "body") html += paragraphsHtml(childAt(shape, "txBody"), false);
    }
  }
  return html;
}
