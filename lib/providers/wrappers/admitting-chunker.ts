import type { Chunker } from "#rag/ports.ts";

/**
 * Requests that a document of up to 64 chunks takes when nothing is retried: cache, embedding, cache, then four to Qdrant
 * between two that invalidate cached answers; and one more.
 */
const PER_DOCUMENT = 10;

/**
 * For platforms that limit the requests of an invocation: a document for which too few are left is not begun, rather than
 * embedded, at a price, and not stored.
 *
 * @param requireRequests throws when fewer are left
 */
export function createAdmittingChunker(chunker: Chunker, requireRequests: (count: number) => void): Chunker {
  return {
    settings: chunker.settings,
    async *chunk(...args) {
      requireRequests(PER_DOCUMENT);
      yield* chunker.chunk(...args);
    },
  };
}
