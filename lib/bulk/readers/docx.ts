import { strToU8, zipSync } from "fflate";
import mammoth from "mammoth";
import { readFragment } from "#bulk/html/fragment.ts";
import { rolesOf } from "#bulk/office/docx/headings.ts";
import { prepareDocx } from "#bulk/office/docx/prepare.ts";
import { LeftOutCount, type OfficePackage, openPackage } from "#bulk/office/package.ts";
import { parseXml, textOfAll, writeXml } from "#bulk/office/xml.ts";
import { unzip } from "#bulk/office/zip.ts";
import { type Content, titleOf } from "./content.ts";
import { titleOfPage } from "./page-title.ts";

const WANTED = /\.rels$|^\[Content_Types\]\.xml$|^docProps\/core\.xml$|^word\/.*\.xml$/i;
/** Parts that a document refers to and that are no part of its text, by the type of the reference. */
const BESIDE: Readonly<Record<string, { kind: string; text: string }>> = {
  header: { kind: "page headers and footers", text: "t" },
  footer: { kind: "page headers and footers", text: "t" },
  comments: { kind: "comments", text: "t" },
  diagramData: { kind: "diagrams", text: "t" },
  chart: { kind: "charts", text: "t" },
};
const NOTES = /<ol><li id="(?:footnote|endnote)-/;

/**
 * A Word document as it is shown with all changes accepted. Deleted and hidden text, comments, headers and footers of
 * pages, tables of contents, diagrams and charts are left out.
 *
 * @throws UnreadableError when it is damaged, has a password, or is of another kind
 */
export async function readDocx(bytes: Uint8Array): Promise<Content> {
  const document = openPackage(
    unzip(bytes, ".docx", (name) => WANTED.test(name)),
    ".docx",
  );
  const leftOut = new LeftOutCount();
  const buffer = Buffer.from(prepared(document, leftOut));
  const { value } = await mammoth.convertToHtml({ buffer }, { includeEmbeddedStyleMap: false });
  const { text, headings } = readFragment(value.replace(NOTES, "<h2>Notes</h2>$&"));
  return { text, ...titleOf(titleOfPage({ page: document.title, headings })), ...leftOut.content };
}

/** The document as a zip file of nothing but what Mammoth needs. */
function prepared(document: OfficePackage, leftOut: LeftOutCount): Uint8Array {
  const references = [...document.references(document.main).values()];
  const partOf = (wanted: string): string => references.find(({ type }) => type === wanted)?.name ?? "";
  const roleOf = rolesOf(document.part(partOf("styles")));
  const texts = new Set([document.main, partOf("footnotes"), partOf("endnotes")]);
  const parts: Record<string, Uint8Array> = {};
  for (const name of document.archive.names) {
    // Written anew, it has no document type, entities or comments.
    const part = parseXml(document.archive.text(name) ?? "");
    if (texts.has(name)) prepareDocx(part, roleOf, leftOut);
    parts[name] = strToU8(writeXml(part));
  }
  for (const { name, type } of references) {
    const beside = BESIDE[type];
    if (beside) leftOut.add(beside.kind, textOfAll(document.part(name), beside.text));
  }
  return zipSync(parts, { level: 0 });
}
