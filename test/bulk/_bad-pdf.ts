import { deflateSync } from "node:zlib";

/** Objects numbered from 1, the first of them the catalog; without a table, which readers rebuild. */
function pdfOfObjects(objects: readonly (string | Buffer)[]): Buffer {
  const numbered = objects.flatMap((object, index) => [`${index + 1} 0 obj\n`, object, "\nendobj\n"]);
  const parts = ["%PDF-1.7\n", ...numbered, `trailer <</Root 1 0 R/Size ${objects.length + 1}>>\n%%EOF\n`];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

const stream = (dictionary: string, data: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`<<${dictionary}/Length ${data.length}>>stream\n`),
    Buffer.from(data),
    Buffer.from("\nendstream"),
  ]);

const PAGES = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>"];

/** A few kilobytes that draw 10^`levels` forms: at 9 a reader is busy for minutes, without a pause. */
export function endlessPdf(levels = 9): Buffer {
  const font = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>";
  const form = (resources: string, content: string) =>
    stream(`/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<${resources}>>`, content);
  const forms = Array.from({ length: levels }, (_, level) =>
    form(`/XObject<</X ${level + 6} 0 R>>${font}`, "/X Do ".repeat(10)),
  );
  return pdfOfObjects([
    ...PAGES,
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Contents 4 0 R>>",
    stream("", "/X Do"),
    ...forms,
    form(font, "BT /F 12 Tf (lol) Tj ET"),
  ]);
}

/** Some megabytes that are 600 when decompressed. */
export function hugePdf(): Buffer {
  const content = deflateSync(Buffer.alloc(600 * 2 ** 20, " "), { level: 1 });
  const page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>";
  return pdfOfObjects([...PAGES, page, stream("/Filter/FlateDecode", content)]);
}

/** The list of pages contains itself. */
export function circularPdf(): Buffer {
  return pdfOfObjects(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[2 0 R]>>"]);
}

/** More elements in elements than a recursive reader has stack for. */
export const DEEP_HTML = `${"<div>".repeat(20_000)}deep`;
