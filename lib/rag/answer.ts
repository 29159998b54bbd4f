import { type Degradation, inStage, RagError } from "./errors.ts";
import type {
  Call,
  Citation,
  Embedder,
  Embeddings,
  GenerateCall,
  Generator,
  Highlight,
  Reranker,
  SearchFilter,
  VectorStore,
} from "./ports.ts";
import { buildPrompt } from "./prompt.ts";
import { shortenedAnswer, shortenedHit } from "./shortened.ts";
import { UnansweredError } from "./unanswered-error.ts";

export interface Question {
  question: string;
  /** Maximum number of citations; there are never more than {@link CANDIDATES}. */
  topK: number;
  filter?: SearchFilter;
  /** Citations with a lower score are dropped; scores are in [0, 1]. */
  minScore?: number;
}

export interface Answer {
  text: string;
  /** False when the documents do not answer the question and `text` says so. */
  answered: boolean;
  /** Where the text has words of the question; absent if the generator does not know. */
  highlights?: readonly Highlight[];
  citations: Citation[];
  usage: { promptTokens: number; completionTokens: number; costUsd?: number };
  /** Wall-clock milliseconds of each stage. */
  timingsMs: { embedding: number; vector_search: number; rerank: number; llm_generation: number; total: number };
  /** Whether the question's vector, and the whole answer, came from a cache; `answer` is absent without an answer cache. */
  cache: { embedding: boolean; answer?: boolean };
  /** The stages that failed and were skipped; empty when all succeeded. */
  degraded: Degradation[];
  model: string;
}

export interface AnswerCall extends Call {
  /** Called with the citations before the answer is generated. */
  onCitations?: (citations: readonly Citation[], degraded: readonly Degradation[]) => void;
  /** Called with each piece of the text as it is generated; see `onDelta` of {@link GenerateCall}. */
  onDelta?: GenerateCall["onDelta"];
}

export type AnswerQuestion = (question: Question, call?: AnswerCall) => Promise<Answer>;

export interface AnswerPorts {
  embedder: Embedder;
  store: VectorStore;
  reranker: Reranker;
  generator: Generator;
}

/**
 * Hits that are reranked, however many citations are requested: a reranker can only promote what was found, and the order
 * must not depend on `topK`. Chosen by measurement: docs/decisions/0005-embedded-retrieval.md.
 */
export const CANDIDATES = 50;

/**
 * The query pipeline: embed → search → rerank → generate. It has two degraded modes: when embedding fails, the search is
 * lexical only; when reranking fails, the order of the search is kept. `degraded` names the skipped stages. The text of a
 * hit that is longer than 10,000 characters is cut, and ends in "…".
 *
 * @throws RagError with the stage that failed; UnansweredError, with the citations, when generation failed; the signal's
 *   reason once it is aborted
 */
export function createAnswer(ports: AnswerPorts, now: () => number = () => performance.now()): AnswerQuestion {
  const { embedder, store, reranker, generator } = ports;

  async function embedQuestion(question: string, call: Call): Promise<Embeddings & { vector: Float32Array }> {
    const embeddings = await embedder.embed([question], call);
    const [vector] = embeddings.vectors;
    if (!vector) throw new RagError("embedding", `${embedder.model} returned no vector for the question`);
    return { ...embeddings, vector };
  }

  return async ({ question, topK, filter, minScore }, { onCitations, onDelta, ...call } = {}) => {
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
      embedQuestion(question, call),
    );
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

    onCitations?.(citations, degraded);
    let emitted = false;
    const emit = (text: string): void => {
      emitted ||= text !== "";
      onDelta?.(text);
    };
    const generation = await inStage("llm_generation", `answering with ${generator.model}`, () =>
      generator.generate(buildPrompt(question, citations), { ...call, ...(onDelta && { onDelta: emit }) }),
    ).catch((error: unknown) => {
      call.signal?.throwIfAborted();
      throw error instanceof RagError && error.stage === "llm_generation"
        ? new UnansweredError(error, citations, degraded)
        : error;
    });
    const text = shortenedAnswer(generation.text);
    if (!emitted) onDelta?.(text);
    const generated = now();

    return {
      text,
      answered: generation.answered,
      ...(generation.highlights && { highlights: generation.highlights }),
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
      cache: { embedding: (embedding?.cacheHits ?? 0) > 0 },
      degraded,
      model: generation.model,
    };
  };
}
