import { type Attributes, type Span, SpanKind } from "@opentelemetry/api";
import { locationOf } from "#rag/identity.ts";
import type { Hit, VectorStore } from "#rag/ports.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { inputAttributes, setDocuments } from "./open-inference.ts";
import { serverAttributes } from "./server-attributes.ts";
import { type Instrumentation, withStage } from "./span.ts";

/**
 * The same store with a span `rag.vector_search` per search and `rag.upsert` per stored document. `versions`, `remove`,
 * `list`, `get` and `ping` are no stage of the pipeline and pass through.
 */
export function traceStore(store: VectorStore, instrumentation: Instrumentation): VectorStore {
  const { system, collection } = store;
  const { captureContent } = instrumentation;
  const location = locationOf(store);
  const database = (operation: string): Attributes => ({
    [ATTR.dbSystemName]: system,
    [ATTR.dbCollectionName]: collection,
    [ATTR.dbOperationName]: operation,
    ...serverAttributes(location),
  });
  const attributes = { ...database("search"), [ATTR.openInferenceSpanKind]: "RETRIEVER" };

  return {
    system,
    collection,
    ...location,
    versions: (documentIds, call) => store.versions(documentIds, call),
    remove: (documentId, call) => store.remove(documentId, call),
    list: (request, call) => store.list(request, call),
    get: (documentId, request, call) => store.get(documentId, request, call),
    ping: () => store.ping(),
    search(request, call) {
      return withStage(instrumentation, "vector_search", { kind: SpanKind.CLIENT, attributes }, async (span) => {
        span.setAttribute(ATTR.genAiRetrievalTopK, request.limit);
        if (captureContent) span.setAttributes(inputAttributes(request.text));
        const hits = await store.search(request, call);
        recordScores(span, instrumentation, "vector_search", hits);
        span.setAttribute(ATTR.dbResponseReturnedRows, hits.length);
        setDocuments(span, "retrieval.documents", hits, instrumentation);
        instrumentation.metrics.searchResults.record(hits.length);
        return hits;
      });
    },
    replace(document, chunks, call) {
      const attributes = {
        ...database("upsert"),
        [ATTR.openInferenceSpanKind]: "CHAIN",
        [ATTR.chunksCount]: chunks.length,
      };
      return withStage(instrumentation, "upsert", { kind: SpanKind.CLIENT, attributes }, () =>
        store.replace(document, chunks, call),
      );
    },
  };
}

/** Records how many results a stage has and their scores; none without results, as a score of 0 would mean a bad one. */
export function recordScores(
  span: Span,
  { metrics }: Instrumentation,
  stage: "vector_search" | "rerank",
  hits: readonly Hit[],
): void {
  span.setAttribute(ATTR.resultsCount, hits.length);
  const [first] = hits;
  if (!first) return;
  let [best, worst] = [first, first];
  for (let index = 1; index < hits.length; index++) {
    const hit = hits[index] as Hit;
    if (hit.score > best.score) best = hit;
    else if (hit.score < worst.score) worst = hit;
  }
  span.setAttribute(ATTR.scoreMax, best.score);
  span.setAttribute(ATTR.scoreMin, worst.score);
  metrics.bestScore.record(best.score, { stage });
}
