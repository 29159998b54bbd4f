import { extname } from "node:path";
import { EXTENSIONS } from "#bulk/readers/readers.ts";

const OFFICE = "application/vnd.openxmlformats-officedocument.";

const BY_TYPE: Readonly<Record<string, string>> = {
  "text/html": ".html",
  "application/xhtml+xml": ".xhtml",
  "application/pdf": ".pdf",
  "text/markdown": ".md",
  "text/x-markdown": ".md",
  "text/csv": ".csv",
  "text/tab-separated-values": ".tsv",
  "text/x-rst": ".rst",
  "application/epub+zip": ".epub",
  "application/vnd.oasis.opendocument.text": ".odt",
  [`${OFFICE}wordprocessingml.document`]: ".docx",
  [`${OFFICE}presentationml.presentation`]: ".pptx",
  [`${OFFICE}spreadsheetml.sheet`]: ".xlsx",
};
/** Says nothing but that it is bytes: then the address decides. */
const UNKNOWN: ReadonlySet<string> = new Set(["", "application/octet-stream", "binary/octet-stream"]);

export interface ContentType {
  /** Media type in lower case, without parameters; "" when there is none. */
  type: string;
  charset?: string;
}

/** Reads the header `Content-Type`. */
export function contentTypeOf(header = ""): ContentType {
  const [type = "", ...parameters] = header.split(";");
  const charset = /^\s*charset\s*=\s*"?([\w.:-]+)/i.exec(
    parameters.find((text) => /^\s*charset\s*=/i.test(text)) ?? "",
  );
  return { type: type.trim().toLowerCase(), ...(charset?.[1] && { charset: charset[1] }) };
}

/** The file extension that stands for the content, among {@link EXTENSIONS}; `undefined` when no reader supports it. */
export function extensionOf({ type }: ContentType, address: string): string | undefined {
  const own = extname(new URL(address).pathname).toLowerCase();
  const extension = extensionFor(type, own);
  return EXTENSIONS.includes(extension) ? extension : undefined;
}

function extensionFor(type: string, own: string): string {
  if (UNKNOWN.has(type)) return own === "" ? ".html" : own;
  // Servers send Markdown and its like as plain text.
  if (type === "text/plain") return EXTENSIONS.includes(own) && !/^\.(?:x?html?|pdf)$/.test(own) ? own : ".txt";
  return BY_TYPE[type] ?? "";
}

export function isXml({ type }: ContentType): boolean {
  return type === "text/xml" || type === "application/xml" || /\+xml$/.test(type);
}
