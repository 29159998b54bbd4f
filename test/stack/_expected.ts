import { expect } from "vitest";
import { quantileRange } from "./_buckets.ts";
import { type Check, each, eachWithin, none, one, type Range, within, zero } from "./_checks.ts";
import type { Asked } from "./_fleet.ts";
import { JUDGED, RATINGS, SHADOWED } from "./_groups.ts";
import type { Load } from "./_load.ts";
import { CHAT_MODEL, EMBEDDING_MODEL } from "./_scripted-ports.ts";
import { spansOf, type Truth } from "./_truth.ts";

/** Upper bounds of the score histogram. */
const SCORES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
/** Upper bounds of the histogram of groundedness. */
const TWENTIETHS = Array.from({ length: 21 }, (_, step) => step / 20);
/** Duration of immediate stages, with tolerance for a busy event loop. */
const AT_ONCE: Range = [0, 0.04];
const FLUSH: Range = [0, 5];

/**
 * Expected results of each target of each panel, for a window that contains the complete load.
 *
 * @param firing Number of firing alerts.
 */
export function expectedOfPanels(
  load: Load,
  truth: Truth,
  windowSeconds: number,
  firing: number,
): Record<string, Record<string, Check>> {
  const perWindow = (count: number): number => count / windowSeconds;
  const seconds = secondsOf(load.asked);
  const ended = secondsOf(load.asked.filter(({ script: { stream } }) => stream !== "disconnects"));
  // Only the generator takes time.
  const generating = secondsOf(
    load.asked.filter(({ script: { fail, answerCache } }) => fail !== "vector_search" && answerCache !== "hit"),
  );
  const beginning = load.asked.flatMap(({ script }) => (script.stream ? [(script.generatorMs ?? 0) / 1_000] : []));
  const byStage = (q: number): Record<string, Range> => ({
    embedding: AT_ONCE,
    vector_search: AT_ONCE,
    rerank: AT_ONCE,
    llm_generation: quantileRange(generating, q),
  });
  const errorRatio = truth.outcomes.error / truth.queries;
  const totalTokens = sum(Object.values(truth.tokens));
  const { vector_search, rerank } = truth.scores;
  const mean = (values: readonly number[]): number => sum(values) / values.length;
  const low = (values: readonly number[]): Range => quantileRange(values, 0.1, SCORES);
  const { taken, refused } = load.messages;
  const ratings = sum(Object.values(RATINGS));
  const prodSpans = spansOf(load.asked) - load.dropped + taken + refused + ratings;
  const { quality } = truth;
  const sentSpans = prodSpans + spansOf(load.staging);

  return {
    Queries: { A: one(truth.queries) },
    "Error ratio": { A: one(errorRatio) },
    p95: { A: within(quantileRange(ended, 0.95)) },
    "Cache hit ratio": { A: one(truth.cache.ratio) },
    Cost: { A: one(truth.costTotal, 12) },
    "Alerts firing": { A: one(firing) },
    "Query duration": {
      A: within(quantileRange(ended, 0.5)),
      B: within(quantileRange(ended, 0.95)),
      C: within(quantileRange(ended, 0.99)),
      D: within(quantileRange(seconds, 0.99)),
    },
    "Queries per second": {
      A: each(
        ["outcome"],
        Object.fromEntries(Object.entries(truth.outcomes).map(([outcome, count]) => [outcome, perWindow(count)])),
      ),
    },
    "Error ratio over time": { A: one(errorRatio) },
    "SLO burn": {
      A: one(truth.failed / truth.requests / 0.005),
      B: one(truth.failed / truth.requests / 0.005),
      C: one(truth.slow / truth.judged / 0.05),
      D: one(truth.slow / truth.judged / 0.05),
    },
    "Median by stage": { A: eachWithin("stage", byStage(0.5)) },
    "p95 by stage": { A: eachWithin("stage", byStage(0.95)) },
    "Errors by stage": { A: each(["stage"], truth.errors) },
    "Degraded queries by stage": { A: each(["stage"], truth.degraded) },
    "Retries by dependency": { A: each(["dependency"], truth.retries) },
    "Time to first chunk": { A: within(quantileRange(beginning, 0.5)), B: within(quantileRange(beginning, 0.95)) },
    "Query durations": {
      A: (samples) => {
        const upTo = (bound: string) => samples.find(({ labels }) => labels.le === bound)?.value;
        expect(upTo("+Inf")).toBe(truth.queries);
        expect(upTo("5.12")).toBe(truth.queries - truth.slow);
        expect(samples).toHaveLength(15);
      },
    },
    "Where the time goes": {
      A: (samples) => {
        expect(sum(samples.map(({ value }) => value))).toBeCloseTo(1, 9);
        expect(samples.find(({ labels }) => labels.stage === "llm_generation")?.value).toBeGreaterThan(0.9);
        expect(samples).toHaveLength(4);
      },
    },
    "Embedding cache hit ratio": { A: one(truth.cache.ratio) },
    "Answer cache hit ratio": { A: one(truth.answerCacheRatio) },
    "Zero-result rate": { A: one(truth.empty / truth.searches) },
    "Results per search": { A: one(truth.results / truth.searches) },
    "Searches by number of results": {
      A: one(truth.empty),
      B: zero,
      C: one(50),
      D: one(truth.searches - truth.empty - 50),
      E: zero,
      F: zero,
      G: zero,
      H: zero,
    },
    "Best score by stage": {
      A: each(["stage"], { vector_search: mean(vector_search), rerank: mean(rerank) }),
      B: eachWithin("stage", { vector_search: low(vector_search), rerank: low(rerank) }),
    },
    // The load asks questions only.
    "Searches without an answer": { A: none, B: none },
    Groundedness: {
      A: one(mean(quality.scores)),
      B: within(quantileRange(quality.scores, 0.1, TWENTIETHS)),
    },
    "Unsupported citations and facts": { A: one(quality.citations), B: each(["kind"], quality.facts) },
    Refusals: { A: one(truth.outcomes.not_found / (truth.outcomes.not_found + truth.outcomes.answered)) },
    Ratings: { A: each(["rating"], quality.ratings) },
    "Negative ratings": { A: one(quality.ratings.negative / (quality.ratings.negative + quality.ratings.positive)) },
    "Scores of the judge": {
      A: each(["evaluation"], byEvaluation(mean)),
      B: eachWithin(
        "evaluation",
        byEvaluation((scores) => quantileRange(scores, 0.1, TWENTIETHS)),
      ),
    },
    "Answers to be judged": { A: each(["outcome"], JUDGED.runs) },
    "Tokens of the judge": { A: each(["type", "model"], byType(JUDGED.tokens)) },
    "Cost of the judge": { A: each(["model"], { [CHAT_MODEL]: JUDGED.usd }, 12) },
    "Groundedness of the shadow": {
      A: each(["configuration"], {
        primary: mean(SHADOWED.groundedness.primary),
        shadow: mean(SHADOWED.groundedness.shadow),
      }),
    },
    "Questions answered again": { A: each(["outcome"], SHADOWED.runs) },
    "Tokens of the shadow": { A: each(["type", "model"], byType(SHADOWED.tokens)) },
    "Cost of the shadow": { A: each(["model"], { [CHAT_MODEL]: SHADOWED.usd }, 12) },
    "Tokens by model": { A: each(["type", "model"], truth.tokens) },
    "Cost by model": { A: each(["model"], truth.cost, 12) },
    "Tokens per query": { A: one(totalTokens / truth.queries) },
    "Cost per 1,000 queries": { A: one((1_000 * truth.costTotal) / truth.queries) },
    "Provider errors": {
      A: each(["gen_ai_request_model", "error_type"], {
        [`${CHAT_MODEL} rate_limit_exceeded`]: truth.errors.llm_generation,
        [`${CHAT_MODEL} deadline`]: truth.errors.deadline,
        [`${EMBEDDING_MODEL} ECONNREFUSED`]: truth.errors.embedding,
      }),
    },
    "Cold starts": { A: each(["faas_name"], { "edge-rag-prod-query": truth.coldStarts }) },
    "Cold-start ratio": { A: one(truth.coldStarts / truth.requests) },
    // 180 ms each.
    "Init time": { A: within([0.1, 0.25]), B: within([0.1, 0.25]) },
    Timeouts: { A: each(["faas_name"], { "edge-rag-prod-query": truth.timeouts }) },
    "Telemetry of the functions": {
      A: one(perWindow(prodSpans)),
      B: one(perWindow(load.points)),
      C: each(["signal"], { traces: load.retained / windowSeconds }),
      D: each(["error_type"], { "400": load.dropped / windowSeconds }),
      E: zero,
    },
    "Flush duration": {
      A: eachWithin("signal", { traces: FLUSH, metrics: FLUSH }),
      B: eachWithin("signal", { traces: FLUSH, metrics: FLUSH }),
    },
    "Messages of the queue": { A: each(["error_type"], { "": taken, invalid_message: refused }) },
    "Time per message": { A: within(AT_ONCE), B: within(AT_ONCE) },
    "Collector: spans": { A: one(perWindow(sentSpans)), B: one(perWindow(sentSpans)), C: zero, D: zero, E: zero },
    "Collector: traces sampled": {
      A: one(load.asked.length - 1 + load.staging.length + taken + refused + ratings),
      B: zero,
    },
    "Collector: capacity": { A: within([-1, 1]), B: within([0, 0.1]) },
  };
}

const byType = (tokens: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(tokens).map(([type, count]) => [`${type} ${CHAT_MODEL}`, count]));

const byEvaluation = <T>(of: (scores: readonly number[]) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(JUDGED.scores).map(([evaluation, scores]) => [evaluation, of(scores)]));

/** Seconds of each query: as measured by the pipeline or, without an answer, as scripted. */
function secondsOf(asked: readonly Asked[]): number[] {
  return asked
    .filter(({ script }) => !script.invalid)
    .map(({ seconds, script, status }) => seconds ?? (status === 504 ? 0.055 : (script.generatorMs ?? 1) / 1_000));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
