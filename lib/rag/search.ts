import { type Degradation, inStage, RagError } from "./errors.ts";
import { besidePending } from "./pending.ts";
import type {
  CachedVectors,
  Call,
  Citation,
  EmbedCall,
  Embedder,
  Embeddings,
  Pending,
  Reranker,
  VectorStore,
} from "./ports.ts";
import type { Question } from "./question.ts";
import { shortenedHit } from "./shortened.ts";

export interface SearchResult {
  /** Best first, numbered from 1. */
  citations: Citation[];
  /** Wall-clock milliseconds of each stage. */
  timingsMs: { embedding: number; vector_search: number; rerank: number; total: number };
  /** Whether the question's vector came from a cache. */
  cache: { embedding: boolean };
  /** The stages that failed and were skipped; empty when all succeeded. */
  degraded: Degradation[];
}

export type SearchDocuments = (question: Question, call?: Call) => Promise<SearchResult>;

export interface SearchPorts {
  embedder: Embedder;
  store: VectorStore;
  reranker: Reranker;
}

/**
 * Hits that are reranked, however many citations are requested: a reranker can only promote what was found, and the order
 * must not depend on `topK`. Chosen by measurement: docs/decisions/0005-embedded-retrieval.md.
 */
export const CANDIDATES = 50;

/**
 * Retrieval: embed → search → rerank. It has two degraded modes: when embedding fails, the search is lexical only; when
 * reranking fails, the order of the search is kept. `degraded` names the skipped stages. The text of a hit that is longer
 * than 10,000 characters is cut, and ends in "…".
 *
 * @throws RagError with the stage that failed; the signal's reason once it is aborted
 */
export function createSearch(ports: SearchPorts, now: () => number = () => performance.now()): SearchDocuments {
  const retrieve = createRetrieval(ports, now);
  return (question, call = {}) => besidePending(call.signal, (onPending) => retrieve(question, { ...call, onPending }));
}

export interface RetrievalCall extends Call {
  /** As in {@link EmbedCall}. */
  cached?: CachedVectors;
  /** Called with what goes on beside the search. */
  onPending: (pending: Pending) => void;
}

/** {@link createSearch} without waiting for what goes on beside it. */
export function createRetrieval(
  ports: SearchPorts,
  now: () => number,
): (question: Question, call: RetrievalCall) => Promise<SearchResult> {
  const { embedder, store, reranker } = ports;

  async function embedQuestion(question: string, call: EmbedCall): Promise<Embeddings & { vector: Float32Array }> {
    const embeddings = await embedder.embed([question], call);
    const [vector] = embeddings.vectors;
    if (!vector) throw new RagError("embedding", `${embedder.model} returned no vector for the question`);
    return { ...embeddings, vector };
  }

  return async ({ question, topK, filter, minScore }, { onPending, cached, ...call }) => {
    const degraded: Degradation[] = [];
    /** Runs a stage that may fail: records the failure and returns `undefined`. */
    async function optional<T>(stage: "embedding" | "rerank", attempted: string, run: () => Promise<T>) {
      try {
        return await inStage(stage, attempted, run);
      } catch (error) {
        call.signal?.throwIfAborted();
        if (!(error instanceof RagError) || error.stage !== stage) throw error;
        degraded.push({ stage, error });
        return undefined;
      }
    }

    const started = now();
    const embedding = await optional("embedding", `embedding the question with ${embedder.model}`, () =>
      embedQuestion(question, { ...call, ...(cached && { cached }) }),
    );
    if (embedding?.pending) onPending(embedding.pending);
    if (embedding?.cacheError) degraded.unshift({ stage: "cache", error: embedding.cacheError });
    const embedded = now();
    call.signal?.throwIfAborted();

    const request = {
      text: question,
      ...(embedding && { vector: embedding.vector }),
      limit: CANDIDATES,
      ...(filter && { filter }),
    };
    const found = await inStage("vector_search", `searching ${store.collection}`, () => store.search(request, call));
    const hits = found.map(shortenedHit);
    const searched = now();
    call.signal?.throwIfAborted();

    const ranked = await optional("rerank", `reranking with ${reranker.model}`, () =>
      reranker.rerank(question, hits, topK, call),
    );
    const citations = (ranked ?? hits.slice(0, topK))
      .filter((hit) => hit.score >= (minScore ?? 0))
      .map((hit, position) => ({ ...hit, index: position + 1 }));
    const reranked = now();
    call.signal?.throwIfAborted();

    return {
      citations,
      timingsMs: {
        embedding: embedded - started,
        vector_search: searched - embedded,
        rerank: reranked - searched,
        total: reranked - started,
      },
      cache: { embedding: (embedding?.cacheHits ?? 0) > 0 },
      degraded,
    };
  };
}
