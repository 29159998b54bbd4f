import type { Limits } from "#providers/service/service.ts";

/**
 * What the calls of each service may cost. Of the 28 s that a Lambda function behind API Gateway has, a query whose every
 * service is as slow as it may be has spent 0.5 s on the cache, 8 on the question's vector, 6 on the search and 4 on
 * reranking when the language model still has 9 s.
 */
export const LIMITS = {
  /** A cache that takes longer is no help. */
  cache: { timeoutMs: 500, share: 0.1, attempts: 1 },
  /** Of telling the cache of answers that documents change. */
  change: { timeoutMs: 2_000, share: 0.2, attempts: 3 },
  /** Of counting a request, which then goes on uncounted. */
  rate: { timeoutMs: 300, share: 0.1, attempts: 1 },
  embedding: { timeoutMs: 20_000, share: 0.3, attempts: 3 },
  /** Of the store as a whole; each of its requests has attempts of its own. */
  read: { timeoutMs: 8_000, share: 0.3, attempts: 1 },
  write: { timeoutMs: 60_000, share: 0.9, attempts: 1 },
  request: { timeoutMs: 8_000, share: 1, attempts: 3 },
  rerank: { timeoutMs: 5_000, share: 0.3, attempts: 2 },
  /** What is left is for the answer that says that there is none. */
  chat: { timeoutMs: 60_000, share: 0.95, attempts: 2, repeat: "unstarted" },
} as const satisfies Record<string, Limits>;
