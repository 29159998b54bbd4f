import { escapeHtml } from "#bulk/html/fragment.ts";
import { attributeOf, childAt, childrenOf, textIn, type XmlElement } from "#bulk/office/xml.ts";

interface Paragraph {
  text: string;
  level: number;
  isItem: boolean;
}

/** A text body of DrawingML as HTML. @param isList whether its paragraphs are items unless they say otherwise */
export function paragraphsHtml(body: XmlElement | undefined, isList: boolean): string {
  const paragraphs = paragraphsOf(body, isList);
  // A single one is a sentence, whatever its placeholder.
  const isOne = paragraphs.length === 1;
  let html = "";
  let depth = 0;
  for (const { text, level, isItem } of paragraphs) {
    const wanted = isItem && !isOne ? level + 1 : 0;
    for (; depth < wanted; depth += 1) html += "<ul><li>".slice(0, depth + 1 < wanted ? undefined : 4);
    for (; depth > wanted; depth -= 1) html += "</ul>";
    html += wanted > 0 ? `<li>${escapeHtml(text)}` : `<p>${escapeHtml(text)}</p>`;
  }
  return html + "</ul>".repeat(depth);
}

/** On one line. */
export function plainText(body: XmlElement | undefined): string {
  return paragraphsOf(body, false)
    .map(({ text }) => text)
    .join(" ");
}

function paragraphsOf(body: XmlElement | undefined, isList: boolean): Paragraph[] {
  return childrenOf(body, "p").flatMap((paragraph) => {
    const text = childrenOf(paragraph, "r", "br", "fld")
      .map((part) => (part.name === "br" ? " " : textIn(childAt(part, "t") ?? "")))
      .join("")
      .replace(/\s+/g, " ")
      .trim();
    if (text === "") return [];
    const properties = childAt(paragraph, "pPr");
    const level = Math.min(Number(attributeOf(properties, "lvl") ?? 0) || 0, 8);
    const hasBullet = childrenOf(properties, "buChar", "buAutoNum", "buBlip").length > 0;
    const isItem = hasBullet || (isList && childrenOf(properties, "buNone").length === 0);
    return [{ text, level, isItem }];
  });
}
