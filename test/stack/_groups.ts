import type { Script } from "./_scripted-ports.ts";

export const TOKENS = { embedding: 7, prompt: 120, completion: 30 };
export const SCORE = { good: [0.92, 0.71, 0.55, 0.3, 0.11], middling: [0.45, 0.2] };

export const ORDINARY: Script = { tokens: TOKENS, generatorMs: 25, scores: SCORE.good };

/** Groups of questions, each in the middle of a bucket of the duration histogram, so that quantiles are known. */
export const GROUPS: readonly [count: number, script: Script][] = [
  // (0.02, 0.04]
  [40, ORDINARY],
  [60, { ...ORDINARY, cacheHit: true, answer: "mostly" }],
  [10, { tokens: TOKENS, generatorMs: 25, scores: [] }],
  // (0.08, 0.16]
  [50, { tokens: TOKENS, generatorMs: 110, scores: SCORE.middling, answer: "half" }],
  // (0.64, 1.28]
  [20, { ...ORDINARY, generatorMs: 900, answer: "wrongNumber" }],
  // (5.12, 10.24]: slower than the objective
  [8, { ...ORDINARY, generatorMs: 5_400, answer: "unsupported" }],
  // (0.04, 0.08]: streamed
  [20, { ...ORDINARY, generatorMs: 60, stream: "read" }],
  // (0.16, 0.32], and slow: the caller disconnects
  [7, { generatorMs: 230, stream: "disconnects" }],
  [12, { generatorMs: 5_400, stream: "disconnects" }],
  // Immediate: the answer is cached
  [20, { answerCache: "hit" }],
  // (0.02, 0.04]
  [10, { ...ORDINARY, answerCache: "miss" }],
  [3, { ...ORDINARY, retries: { cache: 1, embedding: 2, chat: 1 } }],
  [2, { ...ORDINARY, retries: { vector_store: 2, reranker: 1 } }],
  [24, { ...ORDINARY, fail: "rerank" }],
  [5, { ...ORDINARY, cacheDown: true }],
  [4, { ...ORDINARY, fail: "embedding", answer: "wrongNumber" }],
  [34, { fail: "llm_generation", code: "rate_limit_exceeded", generatorMs: 25 }],
  // Immediate: the search fails
  [6, { fail: "vector_search" }],
  // (0.04, 0.08]
  [4, { generatorMs: 400, timeLeftMs: 55 }],
  [10, { invalid: true }],
];

/** Numbers of ratings; a replayed one does not count. */
export const RATINGS = { positive: 12, negative: 8, replayed: 3 };

/** Judged answers by their scores, and what became of others; each run that reached the model is billed. */
export const JUDGED = {
  scores: {
    faithfulness: [0.9, 0.8, 0.85, 1, 0.7, 0.95, 1, 0.9, 0.8, 0.3],
    answer_relevance: [1, 1, 0.9, 1, 0.95, 1, 0.9, 1, 1, 0.6],
    context_relevance: [0.5, 0.6, 0.4, 0.7, 0.55, 0.8, 0.6, 0.5, 0.4, 0.2],
  },
  runs: { judged: 10, failed: 2, invalid: 1, dropped: 3, over_budget: 4 },
  tokens: { prompt: 11 * 900, completion: 11 * 60 },
  usd: 11 * 0.00017,
};

/** Questions answered again: the groundedness of both answers, what became of others, and what was billed. */
export const SHADOWED = {
  groundedness: { primary: [0.9, 0.8, 0.95, 1], shadow: [0.7, 0.6, 0.9, 0.2] },
  runs: { compared: 4, not_found: 2, identical: 5, failed: 3, dropped: 1, over_budget: 6 },
  tokens: { prompt: 6 * 800, completion: 6 * 90 },
  usd: 6 * 0.0025,
};

export const ENVIRONMENTS = 6;
