import { GOOD, NEUTRAL, QUANTILES, WARN } from "./colours.ts";
import { graph } from "./graph.ts";
import { bars } from "./numbers.ts";
import { cacheHitRatio } from "./overview.ts";
import { le, mean, metric, quantile, RANGE, ratio, STEP, total } from "./promql.ts";

const NO_SEARCHES = "No searches in this range. Send a question to POST /query";
const RESULTS = "rag_vector_search_results_count";
const SEARCH_BUCKETS = metric("rag_search_duration_seconds_bucket");

/** Searches with at most `results` results. */
const upTo = (results: number, window: string): string => total(metric(`${RESULTS}_bucket`, le(results)), window);
const searches = (window: string): string => total(metric(`${RESULTS}_count`), window);

/** The histogram's buckets, not cumulative. */
const distribution = [
  { expr: upTo(0, RANGE), legend: "none" },
  { expr: `${upTo(1, RANGE)} - ${upTo(0, RANGE)}`, legend: "1" },
  { expr: `${upTo(2, RANGE)} - ${upTo(1, RANGE)}`, legend: "2" },
  { expr: `${upTo(5, RANGE)} - ${upTo(2, RANGE)}`, legend: "3 to 5" },
  { expr: `${upTo(10, RANGE)} - ${upTo(5, RANGE)}`, legend: "6 to 10" },
  { expr: `${upTo(20, RANGE)} - ${upTo(10, RANGE)}`, legend: "11 to 20" },
  { expr: `${upTo(50, RANGE)} - ${upTo(20, RANGE)}`, legend: "21 to 50" },
  { expr: `${searches(RANGE)} - ${upTo(50, RANGE)}`, legend: "more" },
];

const panels = [
  graph({
    title: "Embedding cache hit ratio",
    description:
      "Share of vectors from the cache. After a deployment with another model it starts at 0; a drop at any other time means that the cache fails (Errors by stage, cache) or is too small.",
    unit: "percentunit",
    noValue: "No embeddings in this range",
    queries: [{ expr: cacheHitRatio("embedding", STEP), legend: "hit ratio" }],
    colours: { "hit ratio": GOOD },
    max: 1,
    width: 6,
    height: 8,
  }),
  graph({
    title: "Answer cache hit ratio",
    description:
      "Share of answers from the answer cache. Every change of a document empties it; if it stays low without changes, questions rarely repeat, or the cache fails (Degraded queries by stage, cache).",
    unit: "percentunit",
    noValue: "No answers in this range, or the answer cache is off",
    queries: [{ expr: cacheHitRatio("answer", STEP), legend: "hit ratio" }],
    colours: { "hit ratio": GOOD },
    max: 1,
    width: 6,
    height: 8,
  }),
  graph({
    title: "Zero-result rate",
    description:
      "Share of searches without results. If it jumps, look for an empty or new collection, filters that match nothing, or a min_score that is too high.",
    unit: "percentunit",
    noValue: NO_SEARCHES,
    queries: [{ expr: ratio(upTo(0, STEP), searches(STEP)), legend: "without a result" }],
    colours: { "without a result": WARN },
    softMax: 0.2,
    width: 6,
    height: 8,
  }),
  graph({
    title: "Results per search",
    description:
      "Mean number of results. It is usually close to the number of candidates; if it falls, documents are missing or filters are too narrow.",
    unit: "short",
    noValue: NO_SEARCHES,
    queries: [{ expr: mean(RESULTS, STEP), legend: "results" }],
    colours: { results: NEUTRAL },
    width: 6,
    height: 8,
  }),
  bars({
    title: "Searches by number of results",
    description:
      "Searches in this range by their number of results. Many with none or one mean questions that the documents do not cover.",
    unit: "locale",
    decimals: 0,
    noValue: "No searches",
    queries: distribution,
    width: 8,
    height: 9,
  }),
  graph({
    title: "Best score by stage",
    description:
      "Best score of a query's results, from 0 to 1: the mean and the 10th percentile. If it falls, questions have drifted away from the documents, or the embedding model was changed without reindexing.",
    unit: "short",
    decimals: 2,
    noValue: NO_SEARCHES,
    queries: [
      { expr: mean("rag_retrieval_score", STEP, "stage"), legend: "{{stage}}, mean" },
      { expr: quantile(0.1, metric("rag_retrieval_score_bucket"), STEP, "stage"), legend: "{{stage}}, lowest 10 %" },
    ],
    colours: {
      "vector_search, mean": "purple",
      "vector_search, lowest 10 %": "light-purple",
      "rerank, mean": "orange",
      "rerank, lowest 10 %": "light-orange",
    },
    max: 1,
    width: 8,
    height: 9,
  }),
  graph({
    title: "Searches without an answer",
    description:
      "Duration of the searches of POST /search and of MCP's tool search, which no other duration includes. If it grows and the queries' stages do too, the vector store, the embedding model or the reranker has become slow.",
    unit: "s",
    noValue: "No searches without an answer in this range",
    queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, SEARCH_BUCKETS, STEP), legend: `p${100 * q}` })),
    colours: QUANTILES,
    width: 8,
    height: 9,
  }),
];

export const retrieval = { title: "Retrieval", panels };
