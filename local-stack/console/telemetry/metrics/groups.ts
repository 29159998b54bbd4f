/** The graphs of queries, stages and retrieval, with the titles of the dashboard. */
import { bucket, mean, perSecond, quantile, ratio, select, total } from "./formula.ts";
import { FUNCTIONS, TOKENS_AND_COST } from "./groups-of-functions.ts";
import type { GraphPanel, Group } from "./panel.ts";
import { cacheHitRatio, FAILED, QUERIES, QUERY_BUCKETS } from "./selectors.ts";

const STAGE_BUCKETS = select("rag_stage_duration_seconds_bucket");
const FIRST_CHUNK = select("gen_ai_client_inference_time_to_first_chunk_seconds_bucket");
const SEARCH_BUCKETS = select("rag_search_duration_seconds_bucket");
const RESULTS = "rag_vector_search_results_count";

/** In the order a query goes through them. */
const STAGES = ["query_rewrite", "embedding", "vector_search", "rerank", "llm_generation"];

const queries: Group = {
  title: "Queries",
  graphs: [
    {
      id: "query_duration",
      title: "Query duration",
      description: "How long queries took, without those whose caller disconnected.",
      unit: "seconds",
      kind: "lines",
      nothing: "No query has ended.",
      queries: [50, 95, 99].map((percent) => ({
        formula: quantile(percent / 100, QUERY_BUCKETS),
        legend: `p${percent}`,
      })),
    },
    {
      id: "query_rate",
      title: "Queries per second",
      description: "By outcome: answered, not in the documents, failed, or abandoned by the caller.",
      unit: "per_second",
      kind: "lines",
      nothing: "No query has ended.",
      queries: [
        {
          formula: perSecond(QUERIES, "outcome"),
          legend: "{{outcome}}",
          failed: ["error"],
          order: ["answered", "not_found", "abandoned", "error"],
        },
      ],
    },
    {
      id: "error_ratio",
      title: "Error ratio over time",
      description: "Share of the queries that failed. Errors by stage shows where.",
      unit: "ratio",
      kind: "lines",
      nothing: "No query has ended.",
      queries: [{ formula: ratio(total(FAILED), total(QUERIES)), legend: "error ratio", failed: true }],
    },
    {
      id: "errors_by_stage",
      title: "Errors by stage",
      description: "Where queries failed; validation counts malformed requests.",
      unit: "count",
      kind: "bars",
      nothing: "No errors.",
      queries: [{ formula: total(select("rag_query_errors_total"), "stage"), legend: "{{stage}}", failed: true }],
    },
  ],
};

const stages: Group = {
  title: "Stages",
  graphs: [
    ...[50, 95].map(
      (percent): GraphPanel => ({
        id: `stage_p${percent}`,
        title: percent === 50 ? "Median by stage" : "p95 by stage",
        description: `${percent === 50 ? "Half of the queries" : "95 % of the queries"} spent at most this long in each stage.`,
        unit: "seconds",
        kind: "lines",
        nothing: "No query has ended.",
        queries: [{ formula: quantile(percent / 100, STAGE_BUCKETS, "stage"), legend: "{{stage}}", order: STAGES }],
      }),
    ),
    {
      id: "degraded_by_stage",
      title: "Degraded queries by stage",
      description: "Queries that went on without a stage whose service was down.",
      unit: "count",
      kind: "bars",
      nothing: "No degraded queries.",
      queries: [{ formula: total(select("rag_query_degraded_total"), "stage"), legend: "without {{stage}}" }],
    },
    {
      id: "time_to_first_chunk",
      title: "Time to first chunk",
      description: "Until the model streamed the first words of an answer.",
      unit: "seconds",
      kind: "lines",
      nothing: "No language model has streamed an answer.",
      queries: [50, 95].map((percent) => ({ formula: quantile(percent / 100, FIRST_CHUNK), legend: `p${percent}` })),
    },
  ],
};

const retrieval: Group = {
  title: "Retrieval",
  graphs: [
    {
      id: "embedding_cache_hit_ratio",
      title: "Embedding cache hit ratio",
      description: "Share of the vectors that came from the cache.",
      unit: "ratio",
      kind: "lines",
      nothing: "No text was embedded.",
      queries: [{ formula: cacheHitRatio("embedding"), legend: "hit ratio" }],
    },
    {
      id: "zero_result_rate",
      title: "Zero-result rate",
      description: "Share of the searches that found nothing.",
      unit: "ratio",
      kind: "lines",
      nothing: "No searches.",
      queries: [
        {
          formula: ratio(total(bucket(RESULTS, 0)), total(select(`${RESULTS}_count`))),
          legend: "without a result",
        },
      ],
    },
    {
      id: "results_per_search",
      title: "Results per search",
      description: "How many passages a search found, on average.",
      unit: "count",
      kind: "lines",
      nothing: "No searches.",
      queries: [{ formula: mean(RESULTS), legend: "results" }],
    },
    {
      id: "searches_without_an_answer",
      title: "Searches without an answer",
      description: "How long the searches of POST /search took, and those of MCP.",
      unit: "seconds",
      kind: "lines",
      nothing: "No searches without an answer.",
      queries: [50, 95].map((percent) => ({ formula: quantile(percent / 100, SEARCH_BUCKETS), legend: `p${percent}` })),
    },
  ],
};

export const GROUPS: readonly Group[] = [queries, stages, retrieval, TOKENS_AND_COST, FUNCTIONS];
