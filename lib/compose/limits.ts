import type { Limits } from "#providers/service/service.ts";

/**
 * Time limits and attempts of each kind of call. Worst case for a query within the 28 s of a Lambda function behind API
 * Gateway, when every service takes as long as it may: 0.5 s for the cache, 8 s for embedding, 6 s for search and 4 s for
 * reranking leave 9 s for the language model.
 */
export const LIMITS = {
  /** A slower cache saves no time. */
  cache: { timeoutMs: 500, share: 0.1, attempts: 1 },
  /** Invalidating the answer cache, before and after documents change. */
  change: { timeoutMs: 2_000, share: 0.2, attempts: 3 },
  /** Counting a request for the rate limit; on failure the request is allowed. */
  rate: { timeoutMs: 300, share: 0.1, attempts: 1 },
  embedding: { timeoutMs: 20_000, share: 0.3, attempts: 3 },
  /** A call of the store, with all its requests; each request has its own attempts. */
  read: { timeoutMs: 8_000, share: 0.3, attempts: 1 },
  write: { timeoutMs: 60_000, share: 0.9, attempts: 1 },
  request: { timeoutMs: 8_000, share: 1, attempts: 3 },
  rerank: { timeoutMs: 5_000, share: 0.3, attempts: 2 },
  /** Leaves time for an error response. */
  chat: { timeoutMs: 60_000, share: 0.95, attempts: 2, repeat: "unstarted" },
} as const satisfies Record<string, Limits>;
