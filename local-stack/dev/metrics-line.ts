import { attribute, type DataPoint, type MetricsPayload, metricsOf } from "./otlp.ts";

/**
 * Sums the delta metrics of all functions since startup and formats them in one line.
 *
 * @returns a function that adds a payload and returns the line, or `undefined` when it has not changed
 */
export function metricsLine(): (payload: MetricsPayload) => string | undefined {
  const totals = { answered: 0, not_found: 0, error: 0, seconds: 0, hits: 0, misses: 0, tokens: 0, errors: 0 };

  return (payload) => {
    const before = JSON.stringify(totals);
    for (const { name, sum, histogram } of metricsOf(payload)) {
      for (const point of [...(sum?.dataPoints ?? []), ...(histogram?.dataPoints ?? [])]) {
        if (name === "rag_query_duration_seconds") {
          const outcome = attribute(point, "outcome");
          if (outcome === "answered" || outcome === "not_found" || outcome === "error") {
            totals[outcome] += Number(point.count ?? 0);
          }
          totals.seconds += point.sum ?? 0;
        }
        if (name === "rag_embedding_cache_hits_total") totals.hits += pointValue(point);
        if (name === "rag_embedding_cache_misses_total") totals.misses += pointValue(point);
        if (name === "rag_openai_tokens_total") totals.tokens += pointValue(point);
        if (name === "rag_query_errors_total") totals.errors += pointValue(point);
      }
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

function pointValue({ asInt, asDouble }: DataPoint): number {
  return Number(asInt ?? asDouble ?? 0);
}
