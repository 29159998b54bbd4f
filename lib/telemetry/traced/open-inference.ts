/**
 * Attributes of OpenInference that Phoenix, Arize and Langfuse show, and that the GenAI conventions have no equivalent
 * of: https://github.com/Arize-ai/openinference (spec/semantic_conventions.md). Lists are flattened, one attribute per
 * field, so they are bounded: with the others they stay below 128, the SDK's limit for a span.
 */
import type { Attributes, Span } from "@opentelemetry/api";
import type { Hit } from "#rag/ports.ts";
import { CONTENT_ATTR } from "#telemetry/attributes.ts";

/** Documents that a search returned, what a reranker got, and what it returned. */
const MAX_DOCUMENTS = {
  "retrieval.documents": 25,
  "reranker.input_documents": 15,
  "reranker.output_documents": 10,
} as const;

type DocumentList = keyof typeof MAX_DOCUMENTS;

/** Of every list, the attributes of its documents by position: built once, as V8 hashes and stores each new string. */
const NAMES: Readonly<Record<DocumentList, ReturnType<typeof namesBelow>[]>> = {
  "retrieval.documents": [],
  "reranker.input_documents": [],
  "reranker.output_documents": [],
};

const MAX_TEXTS = 50;

/** UTF-16 code units of a text; longer ones are cut. */
const MAX_TEXT_LENGTH = 8_192;

/**
 * Sets id and score of the best documents; `withContent` also text, title, URL and the id of the whole document. One by one:
 * an object of so many attributes is a hash table, and passing it on copies it.
 */
export function setDocuments(span: Span, list: DocumentList, hits: readonly Hit[], withContent: boolean): void {
  if (!span.isRecording()) return;
  const count = Math.min(hits.length, MAX_DOCUMENTS[list]);
  for (let index = 0; index < count; index++) {
    const { chunkId, documentId, title, url, text, score } = hits[index] as Hit;
    const names = NAMES[list][index] ?? namesBelow(`${list}.${index}.document`);
    NAMES[list][index] = names;
    span.setAttribute(names.id, chunkId);
    span.setAttribute(names.score, score);
    if (!withContent) continue;
    span.setAttribute(names.content, cut(text));
    span.setAttribute(names.metadata, JSON.stringify({ document_id: documentId, title, url }));
  }
}

function namesBelow(document: string) {
  return {
    id: `${document}.id`,
    score: `${document}.score`,
    content: `${document}.content`,
    metadata: `${document}.metadata`,
  };
}

/** What goes in, as plain text: only with content capture. */
export function inputAttributes(text: string): Attributes {
  return { [CONTENT_ATTR.inputValue]: cut(text), [CONTENT_ATTR.inputMimeType]: "text/plain" };
}

/** What comes out, likewise. */
export function outputAttributes(text: string): Attributes {
  return { [CONTENT_ATTR.outputValue]: cut(text), [CONTENT_ATTR.outputMimeType]: "text/plain" };
}

/** Embedded texts: only with content capture. */
export function embeddedTextAttributes(texts: readonly string[]): Attributes {
  return Object.fromEntries(
    texts.slice(0, MAX_TEXTS).map((text, index) => [`embedding.embeddings.${index}.embedding.text`, cut(text)]),
  );
}

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH).toWellFormed() : text;
}
