const PREFIX = "rag://documents/";

/** The URI template of documents (RFC 6570). */
export const TEMPLATE = `${PREFIX}{document_id}{?from}`;

/** A document, or what of it begins with a chunk. */
export interface DocumentPart {
  documentId: string;
  /** Position of the first chunk; default 0. */
  from?: number;
}

/** The URI of a document, whose id may have any characters. */
export function toUri(documentId: string, from = 0): string {
  return `${PREFIX}${encodeURIComponent(documentId)}${from > 0 ? `?from=${from}` : ""}`;
}

/** What a URI refers to, or `undefined` if that is no document. */
export function fromUri(uri: string): DocumentPart | undefined {
  const [, id, from] = /^rag:\/\/documents\/([^?]+)(?:\?from=(\d{1,9}))?$/.exec(uri) ?? [];
  if (id === undefined) return undefined;
  try {
    return { documentId: decodeURIComponent(id), ...(from !== undefined && { from: Number(from) }) };
  } catch {
    return undefined;
  }
}
