import { type Degradation, inStage, RagError } from "./errors.ts";
import { besidePending } from "./pending.ts";
import type { CachedVectors, Call, Citation, GenerateCall, Generation, Generator, Highlight } from "./ports.ts";
import { buildPrompt } from "./prompt.ts";
import type { Question } from "./question.ts";
import { createRetrieval, type RetrievalCall, type SearchPorts, type SearchResult } from "./search.ts";
import { shortenedAnswer } from "./shortened.ts";
import { UnansweredError } from "./unanswered-error.ts";

export interface Answer {
  text: string;
  /** As {@link Generation.finishReason}; absent for an answer from a cache, which is complete. */
  finishReason?: string;
  /** The question that was answered, where it is not the one that was asked. */
  rewrittenQuestion?: string;
  /** False when the documents do not answer the question and `text` says so. */
  answered: boolean;
  /** Where the text has words of the question; absent if the generator does not know. */
  highlights?: readonly Highlight[];
  citations: Citation[];
  usage: { promptTokens: number; completionTokens: number; costUsd?: number };
  /** Wall-clock milliseconds of each stage; `query_rewrite` only for a question with a history. */
  timingsMs: SearchResult["timingsMs"] & { query_rewrite?: number; llm_generation: number };
  /** Whether the question's vector, and the whole answer, came from a cache; `answer` is absent without an answer cache. */
  cache: { embedding: boolean; answer?: boolean };
  /** The stages that failed and were skipped; empty when all succeeded. */
  degraded: Degradation[];
  model: string;
}

export interface AnswerCall extends Call {
  /** The question's vector, if it is being looked up already; as in `EmbedCall`. */
  cached?: CachedVectors;
  /** Called with the citations before the answer is generated, and with `rewrittenQuestion` of {@link Answer}. */
  onCitations?: (citations: readonly Citation[], degraded: readonly Degradation[], rewrittenQuestion?: string) => void;
  /** Called with each piece of the text as it is generated; see `onDelta` of {@link GenerateCall}. */
  onDelta?: GenerateCall["onDelta"];
}

export type AnswerQuestion = (question: Question, call?: AnswerCall) => Promise<Answer>;

export interface AnswerPorts extends SearchPorts {
  generator: Generator;
}

/**
 * The query pipeline: embed → search → rerank → generate. The first three are `createSearch`, with its degraded
 * modes.
 *
 * @throws RagError with the stage that failed; UnansweredError, with the citations, when generation failed; the signal's
 *   reason once it is aborted
 */
export function createAnswer(ports: AnswerPorts, now: () => number = () => performance.now()): AnswerQuestion {
  const { generator } = ports;
  const retrieve = createRetrieval(ports, now);

  async function answer(
    question: Question,
    { onCitations, onDelta, onPending, cached, ...call }: AnswerCall & RetrievalCall,
  ): Promise<Answer> {
    const retrievalCall = { ...call, onPending, ...(cached && { cached }) };
    const { citations, cache, degraded, ...searched } = await retrieve(question, retrievalCall);
    const { total, ...stages } = searched.timingsMs;
    const generating = now();

    onCitations?.(citations, degraded);
    let emitted = false;
    const emit = (text: string): void => {
      emitted ||= text !== "";
      onDelta?.(text);
    };
    const generation = await inStage("llm_generation", `answering with ${generator.model}`, () =>
      generator.generate(buildPrompt(question.question, citations, question.instructions), {
        ...call,
        ...(onDelta && { onDelta: emit }),
      }),
    ).catch((error: unknown) => {
      call.signal?.throwIfAborted();
      throw error instanceof RagError && error.stage === "llm_generation"
        ? new UnansweredError(error, citations, degraded)
        : error;
    });
    const text = shortenedAnswer(generation.text);
    if (!emitted) onDelta?.(text);
    const llm_generation = now() - generating;

    return {
      text,
      finishReason: generation.finishReason,
      answered: generation.answered,
      ...(generation.highlights && { highlights: generation.highlights }),
      citations,
      usage: {
        promptTokens: generation.promptTokens,
        completionTokens: generation.completionTokens,
        ...(generation.costUsd !== undefined && { costUsd: generation.costUsd }),
      },
      timingsMs: { ...stages, llm_generation, total: total + llm_generation },
      cache,
      degraded,
      model: generation.model,
    };
  }

  return (question, call = {}) => besidePending(call.signal, (onPending) => answer(question, { ...call, onPending }));
}
