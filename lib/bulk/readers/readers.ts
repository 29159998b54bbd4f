import { extname } from "node:path";
import { markdownOfAdoc } from "#bulk/markup/adoc.ts";
import { markdownOfRst } from "#bulk/markup/rst.ts";
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
/** Read as the Markdown that they say the same as. */
const rst: Reader = (bytes, charset) => readMarkdown(markdownOfRst(decodeText(bytes, charset)));
const adoc: Reader = (bytes, charset) => readMarkdown(markdownOfAdoc(decodeText(bytes, charset)));

/** What follows needs packages that are loaded for the first file of a kind. */
const docx: Reader = async (bytes) => (await import("./docx.ts")).readDocx(bytes);
const pptx: Reader = async (bytes) => (await import("./pptx.ts")).readPptx(bytes);
const xlsx: Reader = async (bytes) => (await import("./xlsx.ts")).readXlsx(bytes);
const csv: Reader = async (bytes, charset) => (await import("./csv.ts")).readCsv(bytes, charset);
const tsv: Reader = async (bytes, charset) => (await import("./csv.ts")).readCsv(bytes, charset, "\t");
const epub: Reader = async (bytes) => (await import("./epub.ts")).readEpub(bytes);
const odt: Reader = async (bytes) => (await import("./odt.ts")).readOdt(bytes);

const READERS: Readonly<Record<string, Reader>> = {
  ...{ ".md": markdown, ".markdown": markdown, ".mdx": mdx },
  ...{ ".txt": text, ".text": text, ".rst": rst, ".adoc": adoc, ".asciidoc": adoc },
  ...{ ".html": readHtmlBytes, ".htm": readHtmlBytes, ".xhtml": readHtmlBytes },
  ".pdf": readPdf,
  ...{ ".docx": docx, ".docm": docx, ".pptx": pptx, ".pptm": pptx, ".epub": epub, ".odt": odt },
  ...{ ".xlsx": xlsx, ".xlsm": xlsx, ".csv": csv, ".tsv": tsv },
};

/** Documents that no reader supports, and what they can be saved as. */
export const SAVE_AS: Readonly<Record<string, string>> = {
  ...{ ".doc": ".docx", ".dot": ".docx", ".rtf": ".docx", ".pages": ".docx" },
  ...{ ".xls": ".xlsx", ".xlsb": ".xlsx", ".ods": ".xlsx", ".numbers": ".xlsx" },
  ...{ ".ppt": ".pptx", ".pps": ".pptx", ".odp": ".pptx", ".key": ".pptx" },
  ...{ ".mobi": ".epub", ".azw3": ".epub" },
};

/** What to do about a document that no reader supports; `undefined` when it is of no kind that is known. */
export function adviceFor(path: string): string | undefined {
  const extension = extname(path).toLowerCase();
  const kind = SAVE_AS[extension];
  return kind && `${extension} is not read: save it as ${kind}`;
}

/** Supported file extensions. */
export const EXTENSIONS: readonly string[] = Object.keys(READERS);

/** The reader for a file name; `undefined` when its extension is not supported. */
export function readerFor(path: string): Reader | undefined {
  return READERS[extname(path).toLowerCase()];
}
