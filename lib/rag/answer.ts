import { inStage, RagError } from "./errors.ts";
import type { Citation, Embedder, Generator, Reranker, SearchFilter, VectorStore } from "./ports.ts";
import { buildPrompt } from "./prompt.ts";

export interface Question {
  question: string;
  /** How many citations the answer may have. */
  topK: number;
  filter?: SearchFilter;
  /** Citations scored lower than this are left out; scores are in [0, 1]. */
  minScore?: number;
  /** Stops the pipeline before its next stage; its reason is thrown. */
  signal?: AbortSignal;
}

export interface Answer {
  text: string;
  /** False when the documents do not answer the question and `text` says so. */
  answered: boolean;
  citations: Citation[];
  usage: { promptTokens: number; completionTokens: number; costUsd?: number };
  /** Wall-clock milliseconds of each stage. */
  timingsMs: { embedding: number; vector_search: number; rerank: number; llm_generation: number; total: number };
  cache: { embedding: boolean };
  /** What was left out because a service was down. Empty when nothing was. */
  degraded: string[];
  model: string;
}

export type AnswerQuestion = (question: Question) => Promise<Answer>;

export interface AnswerPorts {
  embedder: Embedder;
  store: VectorStore;
  reranker: Reranker;
  generator: Generator;
}

/**
 * Hits fetched per citation asked for, at least {@link MIN_CANDIDATES}: the reranker can only promote
 * what the search found.
 */
const CANDIDATES_PER_CITATION = 3;
const MIN_CANDIDATES = 30;

/**
 * The query pipeline: embed → search → rerank → generate.
 *
 * @throws RagError with the stage that failed.
 */
export function createAnswer(ports: AnswerPorts, now: () => number = () => performance.now()): AnswerQuestion {
  const { embedder, store, reranker, generator } = ports;

  return async ({ question, topK, filter, minScore, signal }) => {
    const started = now();
    const embedding = await inStage("embedding", `embedding the question with ${embedder.model}`, () =>
      embedder.embed([question]),
    );
    const [vector] = embedding.vectors;
    if (!vector) throw new RagError("embedding", `${embedder.model} returned no vector for the question`);
    const embedded = now();
    signal?.throwIfAborted();

    const hits = await inStage("vector_search", `searching ${store.collection}`, () =>
      store.search({
        text: question,
        vector,
        limit: Math.max(topK * CANDIDATES_PER_CITATION, MIN_CANDIDATES),
        ...(filter && { filter }),
      }),
    );
    const searched = now();
    signal?.throwIfAborted();

    const ranked = await inStage("rerank", `reranking with ${reranker.model}`, () =>
      reranker.rerank(question, hits, topK),
    );
    const citations = ranked
      .filter((hit) => hit.score >= (minScore ?? 0))
      .map((hit, position) => ({ ...hit, index: position + 1 }));
    const reranked = now();
    signal?.throwIfAborted();

    const generation = await inStage("llm_generation", `answering with ${generator.model}`, () =>
      generator.generate(buildPrompt(question, citations)),
    );
    const generated = now();

    return {
      text: generation.text,
      answered: generation.answered,
      citations,
      usage: {
        promptTokens: generation.promptTokens,
        completionTokens: generation.completionTokens,
        ...(generation.costUsd !== undefined && { costUsd: generation.costUsd }),
      },
      timingsMs: {
        embedding: embedded - started,
        vector_search: searched - embedded,
        rerank: reranked - searched,
        llm_generation: generated - reranked,
        total: generated - started,
      },
      cache: { embedding: embedding.cacheHits > 0 },
      degraded: [],
      model: generation.model,
    };
  };
}
