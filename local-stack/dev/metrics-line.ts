import type { MetricsPayload, OtlpMetric } from "#console/receiver/payload.ts";

/**
 * Sums the delta metrics of all functions since startup and formats them in one line.
 *
 * @returns a function that adds a payload and returns the line, or `undefined` when it has not changed
 */
export function metricsLine(): (payload: MetricsPayload) => string | undefined {
  const totals = { answered: 0, not_found: 0, error: 0, seconds: 0, hits: 0, misses: 0, tokens: 0, errors: 0 };

  return (payload) => {
    const before = JSON.stringify(totals);
    for (const metric of payload.metrics) {
      if (metric.name === "rag_query_duration_seconds" && metric.type === "histogram") {
        for (const { attributes, count, sum = 0 } of metric.dataPoints) {
          const { outcome } = attributes;
          if (outcome === "answered" || outcome === "not_found" || outcome === "error") totals[outcome] += count;
          totals.seconds += sum;
        }
      }
      if (metric.name === "rag_embedding_cache_hits_total") totals.hits += sumOf(metric);
      if (metric.name === "rag_embedding_cache_misses_total") totals.misses += sumOf(metric);
      if (metric.name === "rag_openai_tokens_total") totals.tokens += sumOf(metric);
      if (metric.name === "rag_query_errors_total") totals.errors += sumOf(metric);
    }
    return JSON.stringify(totals) === before ? undefined : line(totals);
  };

  function line({ answered, not_found, error, seconds, hits, misses, tokens, errors }: typeof totals): string {
    const queries = answered + not_found + error;
    const mean = queries > 0 ? `, ${((seconds / queries) * 1000).toFixed(1)} ms on average` : "";
    return (
      `metrics: ${count(queries, "query", "queries")} (${answered} answered, ${not_found} not found)${mean}` +
      ` · embedding cache ${count(hits, "hit")}, ${count(misses, "miss", "misses")}` +
      ` · ${count(tokens, "token")} · ${count(errors, "error")}`
    );
  }
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}

function sumOf(metric: OtlpMetric): number {
  return metric.type === "sum" ? metric.dataPoints.reduce((sum, { value }) => sum + value, 0) : 0;
}
