import type { Delivery } from "./delivery.ts";

/** The spans of an answered question. */
const SPANS = ["POST /query", "rag.embedding", "rag.llm_generation", "rag.query", "rag.rerank", "rag.vector_search"];

/** What of the answers' telemetry did not arrive exactly once, one sentence each; empty when all is right. */
export function problemsOf({ traceIds, ledger }: Delivery): string[] {
  const arrived = Map.groupBy(ledger.spans, ({ traceId }) => traceId);
  const incomplete = traceIds.filter((id) => {
    const names = (arrived.get(id) ?? []).map(({ name }) => name).toSorted();
    return names.join() !== SPANS.join();
  });
  const answers = traceIds.length;
  const lookups =
    ledger.total("rag_embedding_cache_hits_total").value + ledger.total("rag_embedding_cache_misses_total").value;
  const counts = {
    queries: ledger.total("rag_query_duration_seconds").count,
    requests: ledger.total("http.server.request.duration").count,
    "lookups of embeddings": lookups,
  };
  return [
    ...(incomplete.length > 0 ? [`${incomplete.length} traces have not all of their spans`] : []),
    ...(ledger.spans.length === answers * SPANS.length ? [] : [`${ledger.spans.length} spans of ${answers} answers`]),
    ...Object.entries(counts).flatMap(([name, count]) =>
      count === answers ? [] : [`${count} ${name} counted for ${answers} answers`],
    ),
    ...(ledger.duplicates > 0 ? [`${ledger.duplicates} spans or data points arrived twice`] : []),
  ];
}
