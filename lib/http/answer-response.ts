import type { QueryResponse } from "#http/schemas/responses.ts";
import type { Answer } from "#rag/answer.ts";
import type { Degradation } from "#rag/errors.ts";
import type { Citation } from "#rag/ports.ts";

export function toResponse(answer: Answer, trace_id: string): QueryResponse {
  const { promptTokens, completionTokens, costUsd } = answer.usage;
  return {
    answer: answer.text,
    ...rewrittenAs(answer.rewrittenQuestion),
    answered: answer.answered,
    ...(answer.highlights && { highlights: answer.highlights.map(({ start, end }) => ({ start, end })) }),
    citations: toCitations(answer.citations),
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      ...(costUsd !== undefined && { cost_usd: costUsd }),
    },
    timings_ms: answer.timingsMs,
    cache: answer.cache,
    degraded: stagesOf(answer.degraded),
    model: answer.model,
    trace_id,
  };
}

export function toCitations(citations: readonly Citation[]): QueryResponse["citations"] {
  return citations.map(({ index, documentId, chunkId, title, url, score, text }) => ({
    index,
    document_id: documentId,
    chunk_id: chunkId,
    title,
    ...(url !== undefined && { url }),
    score,
    text,
  }));
}

export function rewrittenAs(question: string | undefined): Pick<QueryResponse, "rewritten_question"> {
  return question === undefined ? {} : { rewritten_question: question };
}

export function stagesOf(degraded: readonly Degradation[]): string[] {
  return degraded.map(({ stage }) => stage);
}
