import { posix } from "node:path";
import type { Content, LeftOut } from "#bulk/readers/content.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { attributeOf, childrenOf, descendants, parseXml, textIn, type XmlElement } from "./xml.ts";
import type { Archive } from "./zip.ts";

/** An Office document as a package of parts that refer to each other (ECMA-376 part 2). */
export interface OfficePackage {
  /** The root element of a part; `undefined` when there is none. */
  part(name: string): XmlElement | undefined;
  /** What a part refers to, by the id of the reference: the name of a part, and the last word of its type. */
  references(name: string): Map<string, { name: string; type: string }>;
  /** Of the document's properties, often that of its template. */
  title: string | undefined;
  archive: Archive;
  /** The name of the part that all others belong to, such as `word/document.xml`. */
  main: string;
}

/**
 * @param kind for messages, such as ".docx"
 * @throws UnreadableError when it has no main part
 */
export function openPackage(archive: Archive, kind: string): OfficePackage {
  const part = (name: string): XmlElement | undefined => {
    const text = archive.text(name);
    return text === undefined ? undefined : childrenOf(parseXml(text))[0];
  };
  const [title] = descendants(part("docProps/core.xml"), "title");
  const references: OfficePackage["references"] = (name) => {
    const folder = posix.dirname(name);
    const relations = childrenOf(part(posix.join(folder, "_rels", `${posix.basename(name)}.rels`)), "Relationship");
    return new Map(
      relations.flatMap((relation) => {
        const [id, target, type = ""] = ["Id", "Target", "Type"].map((key) => attributeOf(relation, key));
        if (id === undefined || target === undefined || attributeOf(relation, "TargetMode") === "External") return [];
        const path = target.startsWith("/") ? target.slice(1) : posix.join(folder, target);
        return [[id, { name: path, type: type.slice(type.lastIndexOf("/") + 1) }] as const];
      }),
    );
  };
  const main = [...references("").values()].find(({ type }) => type === "officeDocument")?.name;
  if (main === undefined || archive.text(main) === undefined) {
    throw new UnreadableError(`damaged, or not a ${kind}: a zip file without its main part`);
  }
  return { archive, main, part, references, title: title && textIn(title) };
}

/** Counts text that is left out, by kind. */
export class LeftOutCount {
  readonly #counts = new Map<string, number>();

  add(kind: string, text: string): void {
    const characters = text.replace(/\s+/g, " ").trim().length;
    if (characters > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + characters);
  }

  /** For {@link Content}. */
  get content(): Pick<Content, "leftOut"> {
    const leftOut: LeftOut[] = [...this.#counts].map(([kind, characters]) => ({ kind, characters }));
    return leftOut.length === 0 ? {} : { leftOut: leftOut.sort((a, b) => b.characters - a.characters) };
  }
}
