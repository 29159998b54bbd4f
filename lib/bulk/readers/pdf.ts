import { inReadingOrder } from "#bulk/pdf/columns.ts";
import { type Line, linesOf, type TextItem } from "#bulk/pdf/lines.ts";
import { createFontWidths } from "#bulk/pdf/monospaced.ts";
import { textOfPages } from "#bulk/pdf/paragraphs.ts";
import { withoutContents, withoutRunningLines } from "#bulk/pdf/running-lines.ts";
import { titleOfPdf } from "#bulk/pdf/title.ts";
import { visibleText } from "#rag/visible.ts";
import { type Content, titleOf } from "./content.ts";
import { UnreadableError } from "./unreadable.ts";

/**
 * The text of a PDF as Markdown: paragraphs, headings, lists and code, in reading order. Headers and footers that repeat are
 * left out. The title is that of the document's properties, if it is one, or else the largest text of the first page.
 *
 * @throws UnreadableError when it is damaged, encrypted, or has no text (a scan)
 */
export async function readPdf(bytes: Uint8Array): Promise<Content> {
  // PDF.js is 2 MB: loaded for the first PDF.
  const { getDocumentProxy, getMeta } = await import("unpdf");
  const pdf = await getDocumentProxy(bytes, { verbosity: 0 }).catch((error: unknown) => {
    throw new UnreadableError(reasonOf(error), { cause: error });
  });
  try {
    const widths = createFontWidths();
    const drawn: Line[][] = [];
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      const texts = items.filter((item): item is Extract<(typeof items)[number], TextItem> => "str" in item);
      texts.forEach(widths.add);
      drawn.push(linesOf(texts, page.getViewport({ scale: 1 }).transform));
      page.cleanup();
    }
    const running = withoutRunningLines(drawn);
    const { pages, removed: contents } = withoutContents(running.pages.map(inReadingOrder));
    const text = visibleText(textOfPages(pages, widths.isMonospaced));
    if (text.trim() === "") {
      throw new UnreadableError("a PDF without text, most likely scanned: run OCR over it, for example ocrmypdf");
    }
    const { info } = await getMeta(pdf);
    const leftOut = [
      { kind: "headers and footers", characters: lengthOf(running.removed) },
      { kind: "table of contents", characters: lengthOf(contents) },
    ].filter(({ characters }) => characters > 0);
    return { text, ...titleOf(titleOfPdf(info.Title, running.pages[0] ?? [])), ...(leftOut.length > 0 && { leftOut }) };
  } finally {
    await pdf.loadingTask.destroy();
  }
}

function lengthOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { text }) => sum + text.length, 0);
}

function reasonOf(error: unknown): string {
  const { name } = error instanceof Error ? error : { name: "" };
  if (name === "PasswordException") return "an encrypted PDF: remove its password, for example with qpdf --decrypt";
  return "damaged, or not a PDF";
}
