import { readFragment } from "#bulk/html/fragment.ts";
import { odtHtml } from "#bulk/office/odt/html.ts";
import { LeftOutCount } from "#bulk/office/package.ts";
import { childAt, descendants, parseXml, textIn } from "#bulk/office/xml.ts";
import { unzip } from "#bulk/office/zip.ts";
import { type Content, titleOf } from "./content.ts";
import { titleOfPage } from "./page-title.ts";
import { UnreadableError } from "./unreadable.ts";

const WANTED = /^(?:content|meta)\.xml$|^META-INF\/manifest\.xml$/;

/**
 * A text of LibreOffice or OpenOffice. Deleted and hidden text, comments, tables of contents, and headers and footers of
 * pages are left out.
 *
 * @throws UnreadableError when it is damaged, has a password, or is of another kind
 */
export function readOdt(bytes: Uint8Array): Content {
  const archive = unzip(bytes, ".odt", (name) => WANTED.test(name));
  if (archive.text("META-INF/manifest.xml")?.includes("encryption-data")) {
    throw new UnreadableError("it has a password: open it, remove the password, and save it again");
  }
  const body = childAt(parseXml(archive.text("content.xml") ?? ""), "document-content", "body", "text");
  if (body === undefined) throw new UnreadableError("damaged, or not a .odt: it has no text document in it");
  const leftOut = new LeftOutCount();
  const { text, headings } = readFragment(odtHtml(body, leftOut));
  const [title] = descendants(parseXml(archive.text("meta.xml") ?? ""), "title");
  return { text, ...titleOf(titleOfPage({ page: title && textIn(title), headings })), ...leftOut.content };
}
