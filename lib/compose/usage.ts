import type { HealthSources } from "#http/health.ts";
import type { AnswerQuestion } from "#rag/answer.ts";
import type { IngestDocuments } from "#rag/ingest.ts";

/** Adds up what this process was billed: tokens, and US dollars where the price is known. */
export interface Usage {
  total: HealthSources["usage"];
  /** The same pipeline, its usage counted. */
  ofAnswer(answer: AnswerQuestion): AnswerQuestion;
  /** The same pipeline, its usage counted. */
  ofIngest(ingest: IngestDocuments): IngestDocuments;
}

export function createUsage(): Usage {
  const total = { prompt_tokens: 0, completion_tokens: 0, cost_usd: 0 };
  return {
    total: () => ({ ...total }),
    ofAnswer: (answer) => async (question) => {
      const result = await answer(question);
      total.prompt_tokens += result.usage.promptTokens;
      total.completion_tokens += result.usage.completionTokens;
      total.cost_usd += result.usage.costUsd ?? 0;
      return result;
    },
    ofIngest: (ingest) => async (documents, onDone) => {
      const result = await ingest(documents, onDone);
      total.prompt_tokens += result.usage.tokens;
      return result;
    },
  };
}
