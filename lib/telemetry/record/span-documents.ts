import type { Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

/** Lists of documents in OpenInference, whose attributes are flattened: `<list>.<index>.document.<field>`. */
export type DocumentList = "retrieval.documents" | "reranker.input_documents" | "reranker.output_documents";

/** Ids and scores of one list, by position. */
export interface SpanDocuments {
  readonly list: DocumentList;
  readonly ids: readonly string[];
  readonly scores: Readonly<Float64Array>;
}

const DOCUMENTS = new WeakMap<object, SpanDocuments[]>();

/** Of every list, the attributes of its documents by position: built once, as V8 hashes and stores each new string. */
const NAMES: Readonly<Record<DocumentList, ReturnType<typeof namesBelow>[]>> = {
  "retrieval.documents": [],
  "reranker.input_documents": [],
  "reranker.output_documents": [],
};

/** The names of the attributes of one document. */
export function documentNames(list: DocumentList, index: number): ReturnType<typeof namesBelow> {
  const names = NAMES[list][index] ?? namesBelow(`${list}.${index}.document`);
  NAMES[list][index] = names;
  return names;
}

function namesBelow(document: string) {
  return {
    id: `${document}.id`,
    score: `${document}.score`,
    content: `${document}.content`,
    metadata: `${document}.metadata`,
  };
}

/**
 * Keeps ids and scores of the first `count` documents beside a span until it is sent: two attributes for each would be most
 * of what a query's spans allocate, in hash tables that grow.
 */
export function deferDocuments(
  span: Span,
  list: DocumentList,
  documents: readonly { readonly chunkId: string; readonly score: number }[],
  count: number,
): void {
  const ids = new Array<string>(count);
  const scores = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const { chunkId, score } = documents[index] as (typeof documents)[number];
    ids[index] = chunkId;
    scores[index] = score;
  }
  const lists = DOCUMENTS.get(span);
  if (lists) lists.push({ list, ids, scores });
  else DOCUMENTS.set(span, [{ list, ids, scores }]);
}

/** What {@link deferDocuments} kept. */
export function deferredDocuments(span: ReadableSpan): readonly SpanDocuments[] | undefined {
  return DOCUMENTS.get(span);
}

/** Makes attributes of what was deferred, for exporters that know only those. */
export function setDeferredDocuments(spans: readonly ReadableSpan[]): void {
  for (const span of spans) {
    for (const { list, ids, scores } of DOCUMENTS.get(span) ?? []) {
      for (const [index, id] of ids.entries()) {
        const names = documentNames(list, index);
        span.attributes[names.id] = id;
        span.attributes[names.score] = scores[index] as number;
      }
    }
    DOCUMENTS.delete(span);
  }
}
