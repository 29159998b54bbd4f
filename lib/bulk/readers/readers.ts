import { extname } from "node:path";
import { withoutFootnoteMarks } from "#rag/footnote-marks.ts";
import type { Content } from "./content.ts";
import { readHtmlBytes } from "./html.ts";
import { readMarkdown } from "./markdown.ts";
import { readPdf } from "./pdf.ts";
import { decodeText } from "./text.ts";

/**
 * @param charset character set that came with the bytes; it goes before what they declare themselves
 * @throws UnreadableError
 */
export type Reader = (bytes: Uint8Array, charset?: string) => Content | Promise<Content>;

const markdown: Reader = (bytes, charset) => readMarkdown(decodeText(bytes, charset));
const mdx: Reader = (bytes, charset) => readMarkdown(decodeText(bytes, charset), { isMdx: true });
const text: Reader = (bytes, charset) => ({ text: withoutFootnoteMarks(decodeText(bytes, charset)) });

const READERS: Readonly<Record<string, Reader>> = {
  ...{ ".md": markdown, ".markdown": markdown, ".mdx": mdx },
  ...{ ".txt": text, ".text": text, ".rst": text, ".adoc": text },
  ...{ ".html": readHtmlBytes, ".htm": readHtmlBytes, ".xhtml": readHtmlBytes },
  ".pdf": readPdf,
};

/** Supported file extensions. */
export const EXTENSIONS: readonly string[] = Object.keys(READERS);

/** The reader for a file name; `undefined` when its extension is not supported. */
export function readerFor(path: string): Reader | undefined {
  return READERS[extname(path).toLowerCase()];
}
