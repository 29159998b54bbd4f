import { attributeOf, childAt, childrenOf, type XmlElement } from "#bulk/office/xml.ts";

/** What a style of paragraphs means for the outline: a level from 1, the document's title, or an entry of its contents. */
export type Role = { level: number } | "title" | "contents" | undefined;

interface Style {
  name: string;
  basedOn: string | undefined;
  outline: string | undefined;
}

/** Longer chains of styles are circles. */
const MAX_CHAIN = 20;

/**
 * The role of a paragraph's style, found by its name, which is the same in every language of Word, or by its outline
 * level, its own or that of a style that it is based on.
 *
 * @param styles the root of `word/styles.xml`
 */
export function rolesOf(styles: XmlElement | undefined): (paragraph: XmlElement) => Role {
  const byId = new Map<string, Style>(
    childrenOf(styles, "style").map((style) => [
      attributeOf(style, "styleId") ?? "",
      {
        name: attributeOf(childAt(style, "name"), "val") ?? "",
        basedOn: attributeOf(childAt(style, "basedOn"), "val"),
        outline: attributeOf(childAt(style, "pPr", "outlineLvl"), "val"),
      },
    ]),
  );
  return (paragraph) => {
    const properties = childAt(paragraph, "pPr");
    const own = levelOf(attributeOf(childAt(properties, "outlineLvl"), "val"));
    if (own) return own;
    const first = attributeOf(childAt(properties, "pStyle"), "val");
    let id = first;
    for (let step = 0; id !== undefined && step < MAX_CHAIN; step += 1) {
      const { name, outline, basedOn }: Style = byId.get(id) ?? { name: id, outline: undefined, basedOn: undefined };
      const heading = /^heading ?([1-9])$/i.exec(name)?.[1];
      if (heading !== undefined) return { level: Number(heading) };
      if (/^(?:toc ?(?:heading|\d)|contents (?:heading|\d))$/i.test(name)) return "contents";
      if (id === first && /^title$/i.test(name)) return "title";
      const level = levelOf(outline);
      if (level) return level;
      id = basedOn;
    }
    return undefined;
  };
}

/** @param outline from 0; 9 is text */
function levelOf(outline: string | undefined): { level: number } | undefined {
  const level = Number(outline ?? 9) + 1;
  return level >= 1 && level <= 9 ? { level } : undefined;
}
