import type { Answer, AnswerPorts, AnswerQuestion, Question } from "./answer.ts";
import { attemptCache } from "./cache-attempt.ts";
import type { Degradation, RagError } from "./errors.ts";
import { identityOf } from "./identity.ts";
import type { AnswerCache, SearchFilter } from "./ports.ts";
import { UnansweredError } from "./unanswered-error.ts";
import { sha256 } from "./version.ts";

export interface CachedAnswerOptions {
  /** Hears of a cache that fails, which is otherwise only a miss. */
  onCacheError?: (error: RagError) => void;
  now?: () => number;
}

/**
 * The pipeline with a cache in front: the same question of the same tenant to the same models, over the same documents,
 * is answered once. Only whole answers are kept: answered, from a source at least, with no stage left out. One from the
 * cache is told as a new one is, in one piece, has used nothing, and says `cache.answer`.
 *
 * The cache only ever saves work: when it fails, the question is answered, and the answer tells of it (stage "cache").
 *
 * @param ports those that answer: their names are part of the key
 * @throws what answering throws, and the signal's reason once it is aborted
 */
export function createCachedAnswer(
  answer: AnswerQuestion,
  ports: AnswerPorts,
  cache: AnswerCache,
  { onCacheError = () => {}, now = () => performance.now() }: CachedAnswerOptions = {},
): AnswerQuestion {
  return async (question, call = {}) => {
    const failures: Degradation[] = [];
    const attempts = {
      signal: call.signal,
      onError(error: RagError) {
        failures.push({ stage: "cache", error });
        onCacheError(error);
      },
    };
    /** With what failed here; a stage is told once. */
    const withFailures = (degraded: readonly Degradation[]): Degradation[] =>
      degraded.some(({ stage }) => stage === "cache") ? [...degraded] : [...failures.slice(0, 1), ...degraded];

    const started = now();
    const { onCitations, onDelta, ...within } = call;
    const key = await keyOf(question, within.tenant, ports);
    const kept = await attemptCache("reading the answer cache", () => cache.get(key, within), attempts);
    call.signal?.throwIfAborted();
    if (kept?.answer) {
      const { text, citations, model } = kept.answer;
      onCitations?.(citations, []);
      onDelta?.(text);
      const timingsMs = { embedding: 0, vector_search: 0, rerank: 0, llm_generation: 0, total: now() - started };
      const usage = { promptTokens: 0, completionTokens: 0 };
      const hit = { embedding: false, answer: true };
      return { text, answered: true, citations, usage, timingsMs, cache: hit, degraded: [], model };
    }

    const made = await answer(question, {
      ...call,
      ...(onCitations && { onCitations: (citations, degraded) => onCitations(citations, withFailures(degraded)) }),
    }).catch((error: unknown) => {
      if (!(error instanceof UnansweredError) || failures.length === 0) throw error;
      throw new UnansweredError(error, error.citations, withFailures(error.degraded));
    });
    const total = now() - started;
    const version = kept?.version;
    if (version !== undefined && isWhole(made)) {
      const { text, citations, model } = made;
      await attemptCache(
        "writing the answer cache",
        () => cache.set(key, { text, citations, model }, version, within),
        attempts,
      );
    }
    return {
      ...made,
      timingsMs: { ...made.timingsMs, total },
      cache: { ...made.cache, answer: false },
      degraded: withFailures(made.degraded),
    };
  };
}

function isWhole({ answered, degraded, citations }: Answer): boolean {
  return answered && degraded.length === 0 && citations.length > 0;
}

/** Names everything that decides an answer but the documents. */
function keyOf(question: Question, tenant: string | undefined, ports: AnswerPorts): Promise<string> {
  const { embedder, store, reranker, generator } = ports;
  return sha256([
    tenant ?? null,
    [identityOf(embedder), embedder.dimensions],
    [store.system, store.address ?? null, store.collection],
    identityOf(reranker),
    identityOf(generator),
    question.question,
    question.topK,
    question.minScore ?? 0,
    question.filter ? canonical(question.filter) : null,
  ]);
}

/** The same value for filters that ask for the same: their lists are sets. An empty one is not an absent one. */
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
