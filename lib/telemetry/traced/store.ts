import { type Attributes, SpanKind } from "@opentelemetry/api";
import { locationOf } from "#rag/identity.ts";
import type { Hit, VectorStore } from "#rag/ports.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { documentAttributes, inputAttributes } from "./open-inference.ts";
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
      const attributes = {
        ...database("search"),
        [ATTR.openInferenceSpanKind]: "RETRIEVER",
        [ATTR.genAiRetrievalTopK]: request.limit,
        ...(captureContent && inputAttributes(request.text)),
      };
      return withStage(instrumentation, "vector_search", { kind: SpanKind.CLIENT, attributes }, async (span) => {
        const hits = await store.search(request, call);
        span.setAttributes({
          ...resultAttributes(hits),
          [ATTR.dbResponseReturnedRows]: hits.length,
          ...documentAttributes("retrieval.documents", hits, captureContent),
        });
        instrumentation.metrics.searchResults.record(hits.length);
        recordBestScore(instrumentation, "vector_search", hits);
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

/** Records nothing without results: a score of 0 would mean a bad result. */
export function recordBestScore({ metrics }: Instrumentation, stage: "vector_search" | "rerank", hits: readonly Hit[]) {
  if (hits.length > 0) metrics.bestScore.record(scoresOf(hits).max, { stage });
}

/** How many results and their range of scores, which is left out when there are none. */
export function resultAttributes(hits: readonly Hit[]): Attributes {
  const { max, min } = scoresOf(hits);
  return {
    [ATTR.resultsCount]: hits.length,
    ...(hits.length > 0 && { [ATTR.scoreMax]: max, [ATTR.scoreMin]: min }),
  };
}

function scoresOf(hits: readonly Hit[]): { max: number; min: number } {
  let [max, min] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { score } of hits) {
    if (score > max) max = score;
    if (score < min) min = score;
  }
  return { max, min };
}
