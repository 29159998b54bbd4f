import { strToU8, zipSync } from "fflate";
import { readDocument } from "#bulk/read-document.ts";
import type { Content } from "#bulk/readers/content.ts";
import { readerFor } from "#bulk/readers/readers.ts";
import { folderOf } from "../../_folder.ts";

export type Parts = Readonly<Record<string, string>>;

export function zipOf(parts: Parts): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])));
}

/** What the reader of an extension makes of a file. */
export async function read(bytes: Uint8Array | string, extension: string): Promise<Content> {
  const content = await readerFor(`a${extension}`)?.(typeof bytes === "string" ? Buffer.from(bytes) : bytes);
  if (content === undefined) throw new Error(`no reader for ${extension}`);
  return content;
}

/** Why a file with these bytes becomes no document; "" when it does. */
export async function reasonFor(bytes: Uint8Array | string, extension: string): Promise<string> {
  const name = `a${extension}`;
  try {
    await readDocument({ path: `${folderOf({ [name]: bytes })}/${name}`, id: name }, []);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** References to parts, by id: the last word of their type and their target. */
export function relations(entries: Readonly<Record<string, readonly [type: string, target: string]>>): string {
  const all = Object.entries(entries).map(
    ([id, [type, target]]) => `<Relationship Id="${id}" Type="${TYPES}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join("")}</Relationships>`;
}

const W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/** A Word document with this body, in the prefix `w`. @param more parts that it refers to, by type */
export function docxOf(body: string, more: Parts = {}): Uint8Array {
  const wrapped = (type: string, content: string) => (content.startsWith("<?xml") ? content : part(type, content));
  const part = (name: string, content: string) =>
    `<w:${name} xmlns:w="${W}" xmlns:m="urn:m" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:v">${content}</w:${name}>`;
  const references = Object.keys(more).map((type) => [type, [type, `${type}.xml`]] as const);
  return zipOf({
    "[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    "_rels/.rels": relations({ main: ["officeDocument", "word/document.xml"] }),
    "word/document.xml": part("document", `<w:body>${body}</w:body>`),
    "word/_rels/document.xml.rels": relations(Object.fromEntries(references)),
    ...Object.fromEntries(Object.entries(more).map(([type, content]) => [`word/${type}.xml`, wrapped(type, content)])),
  });
}

/** A paragraph of Word. */
export function paragraph(text: string, style = ""): string {
  const properties = style === "" ? "" : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`;
  return `<w:p>${properties}<w:r><w:t>${text}</w:t></w:r></w:p>`;
}

interface Workbook {
  strings?: string;
  styles?: string;
  /** Of the workbook's properties. */
  attributes?: string;
  more?: Parts;
}

/** A workbook with these sheets: their rows as XML, and attributes such as `state="hidden"`. */
export function xlsxOf(
  sheets: Readonly<Record<string, string>>,
  { strings = "", styles = "", attributes = "", more = {} }: Workbook = {},
): Uint8Array {
  const names = Object.keys(sheets);
  return zipOf({
    "_rels/.rels": relations({ main: ["officeDocument", "xl/workbook.xml"] }),
    "xl/workbook.xml": `<workbook xmlns:r="urn:r"><workbookPr ${attributes}/><sheets>${names
      .map((name, index) => `<sheet name="${name}" r:id="s${index}"/>`)
      .join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relations({
      ...Object.fromEntries(names.map((_, index) => [`s${index}`, ["worksheet", `worksheets/s${index}.xml`] as const])),
      strings: ["sharedStrings", "sharedStrings.xml"],
      styles: ["styles", "styles.xml"],
    }),
    "xl/sharedStrings.xml": `<sst>${strings}</sst>`,
    "xl/styles.xml": `<styleSheet>${styles}</styleSheet>`,
    ...Object.fromEntries(
      Object.values(sheets).map((rows, index) => [`xl/worksheets/s${index}.xml`, `<worksheet>${rows}</worksheet>`]),
    ),
    ...more,
  });
}
