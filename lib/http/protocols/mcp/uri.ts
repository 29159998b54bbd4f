const PREFIX = "rag://documents/";

/** The URI template of documents (RFC 6570). */
export const TEMPLATE = `${PREFIX}{document_id}`;

/** The URI of a document, whose id may have any characters. */
export function toUri(documentId: string): string {
  return `${PREFIX}${encodeURIComponent(documentId)}`;
}
