import type { Limits } from "#providers/service/service.ts";

/**
 * Time limits and retries of each service's calls. A Lambda function behind API Gateway has 28 s: when every service
 * uses up its limit, a query spends 0.5 s on the cache, 8 s on the question's vector, 6 s on the search and 4 s on
 * reranking, which leaves 9 s for the language model. For a follow-up, 4 s go to rewriting it first, and all others get
 * that much less.
 */
export const LIMITS = {
  /** A slower cache would not save time. */
  cache: { timeoutMs: 500, share: 0.1, attempts: 1 },
  /** Invalidating cached answers when documents change. */
  change: { timeoutMs: 2_000, share: 0.2, attempts: 3, attemptShare: 0.45 },
  /** Counting a request for the rate limit; past that the request continues uncounted. */
  rate: { timeoutMs: 300, share: 0.1, attempts: 1 },
  /** Remembering that an answer was rated. A second attempt would find what the first one left. */
  feedback: { timeoutMs: 2_000, share: 0.5, attempts: 1 },
  /** Rewriting a follow-up with the chat model: a few words, but of a model that may be slow where there is no deadline. */
  rewrite: { timeoutMs: 30_000, share: 0.15, attempts: 2, retry: "unstarted" },
  /** Long where there is no deadline: a model on a laptop's CPU may take a minute for a batch of chunks. */
  embedding: { timeoutMs: 120_000, share: 0.3, attempts: 3 },
  /** Calls of the vector store; each HTTP request within has its own retries (`request`). */
  read: { timeoutMs: 8_000, share: 0.3, attempts: 1 },
  write: { timeoutMs: 60_000, share: 0.9, attempts: 1 },
  request: { timeoutMs: 8_000, share: 1, attempts: 3, attemptShare: 0.45 },
  rerank: { timeoutMs: 5_000, share: 0.3, attempts: 2 },
  /** Leaves time for an error response. */
  chat: { timeoutMs: 60_000, share: 0.95, attempts: 2, retry: "unstarted" },
} as const satisfies Record<string, Limits>;
