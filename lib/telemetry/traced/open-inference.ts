/**
 * Attributes of OpenInference that Phoenix, Arize and Langfuse show, and that the GenAI conventions have no equivalent
 * of: https://github.com/Arize-ai/openinference (spec/semantic_conventions.md). Lists are flattened, one attribute per
 * field, so they are bounded: with the others they stay below 128, the SDK's limit for a span.
 */
import type { Attributes } from "@opentelemetry/api";
import type { Hit } from "#rag/ports.ts";
import { CONTENT_ATTR } from "#telemetry/attributes.ts";

/** Documents that a search returned, what a reranker got, and what it returned. */
const MAX_DOCUMENTS = {
  "retrieval.documents": 25,
  "reranker.input_documents": 15,
  "reranker.output_documents": 10,
} as const;

const MAX_TEXTS = 50;

/** UTF-16 code units of a text; longer ones are cut. */
const MAX_TEXT_LENGTH = 8_192;

/** Id and score of the best documents; with `withContent` also text, title, URL and the id of the whole document. */
export function documentAttributes(
  prefix: keyof typeof MAX_DOCUMENTS,
  hits: readonly Hit[],
  withContent: boolean,
): Attributes {
  const attributes: Attributes = {};
  const count = Math.min(hits.length, MAX_DOCUMENTS[prefix]);
  for (let index = 0; index < count; index++) {
    const { chunkId, documentId, title, url, text, score } = hits[index] as Hit;
    const document = `${prefix}.${index}.document.`;
    attributes[`${document}id`] = chunkId;
    attributes[`${document}score`] = score;
    if (!withContent) continue;
    attributes[`${document}content`] = cut(text);
    attributes[`${document}metadata`] = JSON.stringify({ document_id: documentId, title, url });
  }
  return attributes;
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
