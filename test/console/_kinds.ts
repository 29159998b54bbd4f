import { EXTENSIONS } from "#bulk/readers/readers.ts";
import { pdfOf } from "../bulk/_pdf.ts";
import { docxOf, paragraph, relations, xlsxOf, zipOf } from "../bulk/readers/office/_office.ts";

const TEXT = "The ferry to the island leaves at noon, and takes bicycles for free.";
const markdown = `# Ferry\n\n${TEXT}\n`;
const html = `<!doctype html><title>Ferry</title><h1>Ferry</h1><p>${TEXT}</p>`;
const row = (...cells: string[]) =>
  `<row>${cells.map((cell) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`).join("")}</row>`;
const docx = docxOf(paragraph("Ferry", "Heading1") + paragraph(TEXT));
const xlsx = xlsxOf({ Ferry: `<sheetData>${row("Place", "Note")}${row("Island", TEXT)}</sheetData>` });
const pptx = zipOf({
  "_rels/.rels": relations({ main: ["officeDocument", "ppt/presentation.xml"] }),
  "ppt/presentation.xml": `<p:presentation><p:sldIdLst><p:sldId r:id="s"/></p:sldIdLst></p:presentation>`,
  "ppt/_rels/presentation.xml.rels": relations({ s: ["slide", "slides/1.xml"] }),
  "ppt/slides/1.xml": `<p:sld><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr/></p:nvSpPr><p:txBody><a:p><a:r><a:t>${TEXT}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>`,
});
const epub = zipOf({
  "META-INF/container.xml": `<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>`,
  "a.opf": `<package><metadata/><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>`,
  "a.xhtml": `<html><body><h1>Ferry</h1><p>${TEXT}</p></body></html>`,
});
const odt = zipOf({
  "content.xml": `<office:document-content><office:body><office:text><text:p>${TEXT}</text:p></office:text></office:body></office:document-content>`,
});
const CONTENT: Readonly<Record<string, string | Uint8Array>> = {
  ...{ ".html": html, ".htm": html, ".xhtml": html, ".pdf": pdfOf([TEXT]), ".epub": epub, ".odt": odt },
  ...{ ".docx": docx, ".docm": docx, ".pptx": pptx, ".pptm": pptx, ".xlsx": xlsx, ".xlsm": xlsx },
  ...{ ".csv": `place,note\nisland,"${TEXT}"\n`, ".tsv": `place\tnote\nisland\t${TEXT}\n` },
  ...{ ".rst": `Ferry\n=====\n\n${TEXT}\n`, ".adoc": `= Ferry\n\n${TEXT}\n`, ".asciidoc": `= Ferry\n\n${TEXT}\n` },
};

/** A file of each kind that ingest takes, as a browser's file field has it. Each says when the ferry leaves. */
export const FILES = EXTENSIONS.map((extension) => ({
  name: `ferry-${extension.slice(1)}${extension}`,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(CONTENT[extension] ?? markdown),
}));
