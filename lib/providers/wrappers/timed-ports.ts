import { identityOf } from "#rag/identity.ts";
import type { Chunker, Reranker } from "#rag/ports.ts";

/**
 * For Cloudflare Workers, whose clock stands still between I/O: a stage that only computes would take 0 ms, and its time
 * would count for the stage after it. A timer is I/O, after which the clock shows the time that has passed.
 */
export function createTimedReranker(reranker: Reranker): Reranker {
  return {
    ...identityOf(reranker),
    async rerank(...args) {
      const hits = await reranker.rerank(...args);
      await nextTimer();
      return hits;
    },
  };
}

/** Chunks after which other requests get a turn: tens of milliseconds, which no clock shows before a timer has fired. */
const CHUNKS_PER_TIMER = 64;

/** The same for a chunker, also amid a long document. */
export function createTimedChunker(chunker: Chunker): Chunker {
  return {
    settings: chunker.settings,
    async *chunk(...args) {
      let chunks = 0;
      for await (const chunk of chunker.chunk(...args)) {
        yield chunk;
        chunks += 1;
        if (chunks % CHUNKS_PER_TIMER === 0) await nextTimer();
      }
      await nextTimer();
    },
  };
}

function nextTimer(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
