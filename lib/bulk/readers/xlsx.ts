import { LeftOutCount, type OfficePackage, openPackage } from "#bulk/office/package.ts";
import { cellFormatOf } from "#bulk/office/xlsx/cell-format.ts";
import { rowsOf } from "#bulk/office/xlsx/rows.ts";
import { attributeOf, childAt, childrenOf, descendants, scanXml, textIn } from "#bulk/office/xml.ts";
import { unzip } from "#bulk/office/zip.ts";
import { markdownOfSheet } from "#bulk/tables/sheet.ts";
import { type Content, titleOf } from "./content.ts";
import { isNoName } from "./page-title.ts";

const WANTED = /\.rels$|^docProps\/core\.xml$|^xl\/.*\.xml$/i;

/**
 * An Excel workbook: each sheet a heading with its tables. Hidden sheets, comments and text in drawings are left out.
 *
 * @throws UnreadableError when it is damaged, has a password, or is of another kind
 */
export function readXlsx(bytes: Uint8Array): Content {
  const archive = unzip(bytes, ".xlsx", (name) => WANTED.test(name));
  const workbook = openPackage(archive, ".xlsx");
  const root = workbook.part(workbook.main);
  const references = workbook.references(workbook.main);
  const partOf = (type: string): string => [...references.values()].find((entry) => entry.type === type)?.name ?? "";
  const isFrom1904 = /^(?:1|true)$/.test(attributeOf(childAt(root, "workbookPr"), "date1904") ?? "");
  const format = cellFormatOf(workbook.part(partOf("styles")), isFrom1904);
  const strings = stringsOf(archive.text(partOf("sharedStrings")) ?? "");
  const leftOut = new LeftOutCount();
  const sections: string[] = [];
  for (const sheet of childrenOf(childAt(root, "sheets"), "sheet")) {
    const part = references.get(attributeOf(sheet, ":id") ?? "")?.name ?? "";
    const text = markdownOfSheet(rowsOf(archive.text(part) ?? "", strings, format));
    countBeside(workbook, part, leftOut);
    if ((attributeOf(sheet, "state") ?? "visible") !== "visible") leftOut.add("hidden sheets", text);
    else if (text !== "") sections.push(`# ${attributeOf(sheet, "name") ?? ""}\n\n${text}`);
  }
  const title = isNoName(workbook.title ?? "") ? undefined : workbook.title;
  return { text: sections.join("\n\n"), ...titleOf(title), ...leftOut.content };
}

/** The texts that sheets refer to by their number, without the reading aids of East Asian ones. */
function stringsOf(source: string): string[] {
  const strings: string[] = [];
  let isText = false;
  let isPhonetic = false;
  scanXml(source, {
    open(name) {
      if (name === "si") strings.push("");
      else if (name === "t") isText = !isPhonetic;
      else if (name === "rPh") isPhonetic = true;
    },
    text(text) {
      if (isText) strings.push((strings.pop() ?? "") + text);
    },
    close(name) {
      if (name === "t") isText = false;
      else if (name === "rPh") isPhonetic = false;
    },
  });
  return strings;
}

function countBeside(workbook: OfficePackage, sheet: string, leftOut: LeftOutCount): void {
  for (const { name, type } of workbook.references(sheet).values()) {
    if (type === "comments")
      for (const comment of descendants(workbook.part(name), "text")) leftOut.add("comments", textIn(comment));
    if (type === "drawing")
      for (const text of descendants(workbook.part(name), "t")) leftOut.add("text in drawings", textIn(text));
  }
}
