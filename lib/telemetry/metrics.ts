import { type Counter, type Histogram, type Meter, ValueType } from "@opentelemetry/api";
import { VERSION } from "#telemetry/sdk/version.ts";
import type { SelfNames } from "./settings.ts";

/** Seconds, doubling. Also what the GenAI conventions give their durations and the time to first chunk. */
const STAGE_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/** Seconds, from the HTTP conventions (`http.server.request.duration`), the messaging ones and the FaaS ones. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Powers of four, from the GenAI conventions. */
const TOKENS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

/** Tenths: scores are in [0, 1]. */
const SCORES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Of scores of answers: the lowest tenth of answers is mostly between 0.5 and 1. */
export const TWENTIETHS = Array.from({ length: 21 }, (_, step) => step / 20);

const RESULTS = [0, 1, 2, 5, 10, 20, 50, 100];

/** The names under which this project's telemetry reports about itself. */
export const SELF_NAMES = {
  product: "edge-rag",
  scope: "edge-rag/telemetry",
  version: VERSION,
  metricPrefix: "rag_telemetry",
} satisfies SelfNames;

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * The instruments of the telemetry contract. Units in braces are annotations: the Prometheus exporter leaves them out
 * of the name, where `USD` would make `rag_openai_cost_usd_USD_total`.
 */
export function createMetrics(meter: Meter) {
  const counter = (name: string, unit: string, description: string): Counter =>
    meter.createCounter(name, { unit, description, valueType: ValueType.INT });
  const histogram = (name: string, unit: string, boundaries: number[], description: string): Histogram =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: boundaries } });

  return {
    /** `outcome` = answered | not_found | error | abandoned */
    queryDuration: histogram("rag_query_duration_seconds", "s", STAGE_SECONDS, "Time to answer a question."),
    /** Of searches without an answer; `outcome` = found | not_found | error | abandoned */
    searchDuration: histogram("rag_search_duration_seconds", "s", STAGE_SECONDS, "Time to search without an answer."),
    /** `stage`; of queries and searches, not of an ingest. */
    stageDuration: histogram("rag_stage_duration_seconds", "s", STAGE_SECONDS, "Time spent in a stage of a query."),
    /** `stage` */
    queryErrors: counter("rag_query_errors_total", "{error}", "Errors of queries, by the stage they came from."),
    /** `dependency` = cache | chat | embedding | reranker | vector_store */
    retries: counter(
      "rag_dependency_retries_total",
      "{retry}",
      "Attempts of a service that failed and were made again.",
    ),
    /** `stage` = cache | query_rewrite | embedding | rerank */
    queriesDegraded: counter(
      "rag_query_degraded_total",
      "{query}",
      "Queries answered without a stage whose service was down.",
    ),
    cacheHits: counter("rag_embedding_cache_hits_total", "{vector}", "Vectors that came from the embedding cache."),
    cacheMisses: counter("rag_embedding_cache_misses_total", "{vector}", "Vectors that a model had to compute."),
    answerCacheHits: counter("rag_answer_cache_hits_total", "{query}", "Queries answered from the cache of answers."),
    answerCacheMisses: counter("rag_answer_cache_misses_total", "{query}", "Queries that it had no answer for."),
    /** `rating` = positive | negative */
    feedback: counter("rag_feedback_total", "{rating}", "Ratings of answers by their readers."),
    searchResults: histogram("rag_vector_search_results_count", "{result}", RESULTS, "Hits of a search."),
    /** `stage` = vector_search | rerank */
    bestScore: histogram("rag_retrieval_score", "{score}", SCORES, "Best score among the results of a stage."),
    /** Of the answers that are evaluated. */
    groundedness: histogram(
      "rag_answer_groundedness",
      "{score}",
      TWENTIETHS,
      "How far an answer is supported by its sources.",
    ),
    unsupportedCitations: counter(
      "rag_answer_unsupported_citations_total",
      "{citation}",
      "Citations of answers whose source supports nothing that they are cited for.",
    ),
    /** `kind` = number | name */
    unsupportedFacts: counter(
      "rag_answer_unsupported_facts_total",
      "{fact}",
      "Numbers and names of answers that stand in no source.",
    ),
    /** `type` = prompt | completion, `model` */
    tokens: counter("rag_openai_tokens_total", "{token}", "Billed tokens."),
    /** `model` */
    cost: meter.createCounter("rag_openai_cost_usd_total", {
      unit: "{USD}",
      description: "Cost of billed calls with a known price, in US dollars.",
    }),

    inferenceInputTokens: counter(
      "gen_ai.client.inference.usage.input_tokens",
      "{token}",
      "The number of input (prompt) tokens used, including cached tokens.",
    ),
    inferenceOutputTokens: counter(
      "gen_ai.client.inference.usage.output_tokens",
      "{token}",
      "The number of output (completion) tokens used, including reasoning tokens.",
    ),
    inferenceDuration: histogram(
      "gen_ai.client.inference.duration",
      "s",
      STAGE_SECONDS,
      "GenAI client inference operation duration.",
    ),
    embeddingsInputTokens: histogram(
      "gen_ai.client.embeddings.operation.input_tokens",
      "{token}",
      TOKENS,
      "The number of input tokens used per embeddings operation.",
    ),
    embeddingsDuration: histogram(
      "gen_ai.client.embeddings.duration",
      "s",
      STAGE_SECONDS,
      "GenAI client embeddings operation duration.",
    ),
    /** Of streamed calls only. */
    timeToFirstChunk: histogram(
      "gen_ai.client.inference.time_to_first_chunk",
      "s",
      STAGE_SECONDS,
      "Time to receive the first chunk of a streamed answer.",
    ),
    requestDuration: histogram(
      "http.server.request.duration",
      "s",
      REQUEST_SECONDS,
      "Duration of HTTP server requests.",
    ),
    /** Both by queue, and by `error.type` where a message failed. */
    processDuration: histogram("messaging.process.duration", "s", REQUEST_SECONDS, "Duration of processing operation."),
    consumedMessages: counter(
      "messaging.client.consumed.messages",
      "{message}",
      "Number of messages that were delivered to the application.",
    ),
    coldStarts: counter("faas.coldstarts", "{coldstart}", "Number of invocation cold starts."),
    timeouts: counter("faas.timeouts", "{timeout}", "Number of invocation timeouts."),
    initDuration: histogram("faas.init_duration", "s", REQUEST_SECONDS, "Duration of the function's initialization."),
  };
}
