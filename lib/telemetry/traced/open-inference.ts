/**
 * Attributes of OpenInference that Phoenix, Arize and Langfuse show, and that the GenAI conventions have no equivalent
 * of: https://github.com/Arize-ai/openinference (spec/semantic_conventions.md). Lists are flattened, one attribute per
 * field, so they are bounded: with the others they stay below 128, the SDK's limit for a span.
 */
import type { Attributes, Span } from "@opentelemetry/api";
import type { Hit } from "#rag/ports.ts";
import { CONTENT_ATTR } from "#telemetry/attributes.ts";
import { type DocumentList, deferDocuments, documentNames } from "#telemetry/record/span-documents.ts";
import type { Instrumentation } from "./span.ts";

/** Documents that a search returned, what a reranker got, and what it returned. */
const MAX_DOCUMENTS: Readonly<Record<DocumentList, number>> = {
  "retrieval.documents": 25,
  "reranker.input_documents": 15,
  "reranker.output_documents": 10,
};

const MAX_TEXTS = 50;

/** UTF-16 code units of a text; longer ones are cut. */
const MAX_TEXT_LENGTH = 8_192;

/**
 * Records id and score of the best documents; with content capture also text, title, URL and the id of the whole document.
 * Attributes that nothing limits are made of them when the span is sent.
 */
export function setDocuments(
  span: Span,
  list: DocumentList,
  hits: readonly Hit[],
  { captureContent, hasSpanLimits }: Pick<Instrumentation, "captureContent" | "hasSpanLimits">,
): void {
  if (!span.isRecording()) return;
  const count = Math.min(hits.length, MAX_DOCUMENTS[list]);
  if (!captureContent && !hasSpanLimits) {
    deferDocuments(span, list, hits, count);
    return;
  }
  // One by one: an object of so many attributes is a hash table, and passing it on copies it.
  for (let index = 0; index < count; index++) {
    const { chunkId, documentId, title, url, text, score } = hits[index] as Hit;
    const names = documentNames(list, index);
    span.setAttribute(names.id, chunkId);
    span.setAttribute(names.score, score);
    if (!captureContent) continue;
    span.setAttribute(names.content, cut(text));
    span.setAttribute(names.metadata, JSON.stringify({ document_id: documentId, title, url }));
  }
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
