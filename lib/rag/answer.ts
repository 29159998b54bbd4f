import { type Degradation, inStage, RagError } from "./errors.ts";
import type { Call, Citation, Embedder, Embeddings, Generator, Reranker, SearchFilter, VectorStore } from "./ports.ts";
import { buildPrompt } from "./prompt.ts";
import { UnansweredError } from "./unanswered-error.ts";

export interface Question {
  question: string;
  /** How many citations the answer may have. */
  topK: number;
  filter?: SearchFilter;
  /** Citations scored lower than this are left out; scores are in [0, 1]. */
  minScore?: number;
}

export interface Answer {
  text: string;
  /** False when the documents do not answer the question and `text` says so. */
  answered: boolean;
  citations: Citation[];
  usage: { promptTokens: number; completionTokens: number; costUsd?: number };
  /** Wall-clock milliseconds of each stage. */
  timingsMs: { embedding: number; vector_search: number; rerank: number; llm_generation: number; total: number };
  /** What came from a cache: the question's vector; the whole answer, absent where answers are not kept. */
  cache: { embedding: boolean; answer?: boolean };
  /** What was done without because a service was down. Empty when nothing was. */
  degraded: Degradation[];
  model: string;
}

export interface AnswerCall extends Call {
  /** Told the citations before the answer is put into words. */
  onCitations?: (citations: readonly Citation[], degraded: readonly Degradation[]) => void;
  /** Told pieces of the text as they come; joined they are exactly {@link Answer.text}, unless that takes them back. */
  onDelta?: (text: string) => void;
}

export type AnswerQuestion = (question: Question, call?: AnswerCall) => Promise<Answer>;

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
 * The query pipeline: embed → search → rerank → generate. Without embeddings the words alone are searched, without the
 * reranker the order of the search stays; the answer then says so in `degraded`.
 *
 * @throws RagError with the stage that failed; UnansweredError with the citations when that is the last one; the
 *   signal's reason once it is aborted.
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
    /** Runs a stage that can be done without. */
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
      limit: Math.max(topK * CANDIDATES_PER_CITATION, MIN_CANDIDATES),
      ...(filter && { filter }),
    };
    const hits = await inStage("vector_search", `searching ${store.collection}`, () => store.search(request, call));
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
    let told = "";
    const tell = (text: string): void => {
      told += text;
      onDelta?.(text);
    };
    const generation = await inStage("llm_generation", `answering with ${generator.model}`, () =>
      generator.generate(buildPrompt(question, citations), { ...call, ...(onDelta && { onDelta: tell }) }),
    ).catch((error: unknown) => {
      call.signal?.throwIfAborted();
      throw error instanceof RagError && error.stage === "llm_generation"
        ? new UnansweredError(error, citations, degraded)
        : error;
    });
    if (told === "") onDelta?.(generation.text);
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
      cache: { embedding: (embedding?.cacheHits ?? 0) > 0 },
      degraded,
      model: generation.model,
    };
  };
}
