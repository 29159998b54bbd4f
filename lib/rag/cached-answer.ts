import type { Answer, AnswerPorts, AnswerQuestion } from "./answer.ts";
import { attemptCache } from "./cache-attempt.ts";
import type { Degradation, RagError } from "./errors.ts";
import { isCut } from "./finish-reason.ts";
import { identityOf } from "./identity.ts";
import type { AnswerCache, SearchFilter } from "./ports.ts";
import type { Question } from "./question.ts";
import { shortenedAnswer, shortenedHit } from "./shortened.ts";
import { UnansweredError } from "./unanswered-error.ts";
import { sha256 } from "./version.ts";

export interface AnswerCacheOptions {
  /** Called when the cache fails; the query goes on as after a miss. */
  onCacheError?: (error: RagError) => void;
  now?: () => number;
}

/**
 * The pipeline with an answer cache in front. Answers are cached per tenant, question, filter, models and version of the
 * documents. Only complete answers are cached: answered, with at least one citation, not cut by the token limit, and no
 * stage skipped. A cached answer is emitted in one piece, has zero usage, and has `cache.answer` set.
 *
 * When the cache fails, the pipeline answers and `degraded` has the stage "cache".
 *
 * @param ports the ports of `answer`: their identities are part of the key
 * @throws what `answer` throws, and the signal's reason once it is aborted
 */
export function createCachedAnswer(
  answer: AnswerQuestion,
  ports: AnswerPorts,
  cache: AnswerCache,
  { onCacheError = () => {}, now = () => performance.now() }: AnswerCacheOptions = {},
): AnswerQuestion {
  const { embedder } = ports;

  return async (question, call = {}) => {
    const failures: Degradation[] = [];
    const attempts = {
      signal: call.signal,
      onError(error: RagError) {
        failures.push({ stage: "cache", error });
        onCacheError(error);
      },
    };
    /** Adds the failure of this cache, unless the embedding cache failed too: a stage is listed once. */
    const withFailures = (degraded: readonly Degradation[]): Degradation[] =>
      degraded.some(({ stage }) => stage === "cache") ? [...degraded] : [...failures.slice(0, 1), ...degraded];

    const started = now();
    const { onCitations, onDelta, ...cacheCall } = call;
    const key = await keyOf(question, call.tenant, ports);
    const lookup = attemptCache("reading the answer cache", () => cache.get(key, cacheCall), attempts);
    const vector = embedder.readCache?.([question.question], cacheCall);
    vector?.catch(() => {}); // the embedder looks again
    const cached = await lookup;
    call.signal?.throwIfAborted();
    if (cached?.answer) {
      const { model, highlights } = cached.answer;
      const text = shortenedAnswer(cached.answer.text);
      const citations = cached.answer.citations.map(shortenedHit);
      onCitations?.(citations, []);
      onDelta?.(text);
      const timingsMs = { embedding: 0, vector_search: 0, rerank: 0, llm_generation: 0, total: now() - started };
      const usage = { promptTokens: 0, completionTokens: 0 };
      const hit = { embedding: false, answer: true };
      return {
        text,
        answered: true,
        ...(highlights && { highlights }),
        citations,
        usage,
        timingsMs,
        cache: hit,
        degraded: [],
        model,
      };
    }

    const fresh = await answer(question, {
      ...call,
      ...(vector && { cached: vector }),
      ...(onCitations && { onCitations: (citations, degraded) => onCitations(citations, withFailures(degraded)) }),
    }).catch((error: unknown) => {
      if (!(error instanceof UnansweredError) || failures.length === 0) throw error;
      throw new UnansweredError(error, error.citations, withFailures(error.degraded));
    });
    const total = now() - started;
    const version = cached?.version;
    if (version !== undefined && isComplete(fresh)) {
      const { text, highlights, citations, model } = fresh;
      await attemptCache(
        "writing the answer cache",
        () => cache.set(key, { text, ...(highlights && { highlights }), citations, model }, version, cacheCall),
        attempts,
      );
    }
    return {
      ...fresh,
      timingsMs: { ...fresh.timingsMs, total },
      cache: { ...fresh.cache, answer: false },
      degraded: withFailures(fresh.degraded),
    };
  };
}

function isComplete({ answered, degraded, citations, finishReason }: Answer): boolean {
  return answered && degraded.length === 0 && citations.length > 0 && !isCut(finishReason);
}

/** Hashes everything that an answer depends on, except the documents. */
function keyOf(question: Question, tenant: string | undefined, ports: AnswerPorts): Promise<string> {
  const { embedder, store, reranker, generator } = ports;
  return sha256([
    tenant ?? null,
    [identityOf(embedder), embedder.dimensions, ...(embedder.prefixes ? [embedder.prefixes] : [])],
    [store.system, store.address ?? null, store.collection],
    identityOf(reranker),
    identityOf(generator),
    question.question,
    question.topK,
    question.minScore ?? 0,
    question.filter ? canonical(question.filter) : null,
    // Absent without instructions: the keys are then those of earlier versions.
    ...(question.instructions === undefined ? [] : [question.instructions]),
  ]);
}

/** The same value for equivalent filters: their lists are sets. An empty condition differs from an absent one. */
function canonical({ topicIds, metadata }: SearchFilter): unknown {
  return [
    topicIds ? [...new Set(topicIds)].sort((a, b) => a - b) : null,
    metadata
      ? Object.entries(metadata)
          .map(([key, values]) =>
            JSON.stringify([key, [...new Set(values.map((value) => JSON.stringify(value)))].sort()]),
          )
          .sort()
      : null,
  ];
}
