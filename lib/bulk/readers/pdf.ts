import { type Content, titleOf } from "./content.ts";
import { UnreadableError } from "./unreadable.ts";

/**
 * The text of a PDF, with a blank line between pages; the title is from its document properties.
 *
 * @throws UnreadableError when it is damaged, encrypted, or has no text (a scan)
 */
export async function readPdf(bytes: Uint8Array): Promise<Content> {
  // PDF.js is 2 MB: loaded for the first PDF.
  const { extractText, getDocumentProxy, getMeta } = await import("unpdf");
  const pdf = await getDocumentProxy(bytes, { verbosity: 0 }).catch((error: unknown) => {
    throw new UnreadableError(reasonOf(error), { cause: error });
  });
  try {
    const { text: pages } = await extractText(pdf);
    const text = pages.map((page) => page.trim()).join("\n\n");
    if (text.trim() === "") {
      throw new UnreadableError("a PDF without text, most likely scanned: run OCR over it, for example ocrmypdf");
    }
    const { info } = await getMeta(pdf);
    return { text, ...titleOf(info.Title) };
  } finally {
    await pdf.loadingTask.destroy();
  }
}

function reasonOf(error: unknown): string {
  const { name } = error instanceof Error ? error : { name: "" };
  if (name === "PasswordException") return "an encrypted PDF: remove its password, for example with qpdf --decrypt";
  return "damaged, or not a PDF";
}
