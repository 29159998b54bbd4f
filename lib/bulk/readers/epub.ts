import { posix } from "node:path";
import { attributeOf, childAt, childrenOf, descendants, parseXml, textIn, type XmlElement } from "#bulk/office/xml.ts";
import { type Archive, unzip } from "#bulk/office/zip.ts";
import { type Content, type LeftOut, titleOf } from "./content.ts";
import { readHtmlBytes } from "./html.ts";
import { UnreadableError } from "./unreadable.ts";

const WANTED = /^META-INF\/|\.(?:opf|x?html?|xml)$/i;
/** These only obfuscate fonts. */
const OF_FONTS = /embedding|RC$/i;

/**
 * A book, chapter by chapter in the order of its spine, each read as a page. Its own table of contents is left out.
 *
 * @throws UnreadableError when it is damaged, encrypted, or of another kind
 */
export function readEpub(bytes: Uint8Array): Content {
  const archive = unzip(bytes, ".epub", (name) => WANTED.test(name));
  checkEncryption(archive);
  const [rootFile] = descendants(partOf(archive, "META-INF/container.xml"), "rootfile");
  const path = attributeOf(rootFile, "full-path") ?? "";
  const book = childAt(partOf(archive, path), "package");
  if (book === undefined) throw new UnreadableError("damaged, or not a .epub: it has no list of its chapters");
  const items = new Map(childrenOf(childAt(book, "manifest"), "item").map((item) => [attributeOf(item, "id"), item]));
  const counts = new Map<string, number>();
  const chapters: Content[] = [];
  for (const reference of childrenOf(childAt(book, "spine"), "itemref")) {
    const item = items.get(attributeOf(reference, "idref"));
    const chapter = chapterOf(archive, posix.dirname(path), item);
    if (chapter === undefined) continue;
    const isContents = /(?:^|\s)nav(?:\s|$)/.test(attributeOf(item, "properties") ?? "");
    if (isContents) add(counts, [{ kind: "table of contents", characters: chapter.text.trim().length }]);
    else chapters.push(chapter);
    add(counts, chapter.leftOut ?? []);
  }
  const leftOut = [...counts].map(([kind, characters]) => ({ kind, characters }));
  const [title] = descendants(childAt(book, "metadata"), "title");
  return {
    text: chapters.map(({ text }) => text.trim()).join("\n\n"),
    ...titleOf(title && textIn(title), chapters[0]?.title),
    ...(leftOut.length > 0 && { leftOut: leftOut.sort((a, b) => b.characters - a.characters) }),
  };
}

function partOf(archive: Archive, name: string): XmlElement | undefined {
  const text = archive.text(name);
  return text === undefined ? undefined : parseXml(text);
}

function chapterOf(archive: Archive, folder: string, item: XmlElement | undefined): Content | undefined {
  if (!/html/i.test(attributeOf(item, "media-type") ?? "")) return undefined;
  const href = (attributeOf(item, "href") ?? "").replace(/#.*/s, "");
  const bytes = [href, decoded(href)].map((name) => archive.bytes(posix.join(folder, name))).find(Boolean);
  return bytes && readHtmlBytes(bytes);
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}

function checkEncryption(archive: Archive): void {
  const methods = [...descendants(partOf(archive, "META-INF/encryption.xml"), "EncryptionMethod")];
  if (methods.every((method) => OF_FONTS.test(attributeOf(method, "Algorithm") ?? ""))) return;
  throw new UnreadableError("it has copy protection (DRM): get a copy without");
}

function add(counts: Map<string, number>, leftOut: readonly LeftOut[]): void {
  for (const { kind, characters } of leftOut)
    if (characters > 0) counts.set(kind, (counts.get(kind) ?? 0) + characters);
}
