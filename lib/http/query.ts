import type { AnswerQuestion, Question } from "#rag/answer.ts";
import type { SearchFilter } from "#rag/ports.ts";
import type { App } from "./app.ts";
import { readJson } from "./body.ts";
import { type QueryRequest, type QueryResponse, queryRequest } from "./schemas.ts";
import { wellFormed } from "./text.ts";

/** Adds `POST /query`. */
export function queryRoute(app: App, answer: AnswerQuestion): App {
  return app.post("/query", async (c) => {
    const body = await readJson(c.req.raw, queryRequest);
    const result = await answer({ ...toQuestion(body), signal: c.get("signal") });
    const { total, ...stages } = result.timingsMs;
    c.set("stages", stages);
    const response: QueryResponse = {
      answer: result.text,
      citations: result.citations.map(({ index, documentId, chunkId, title, url, score, text }) => ({
        index,
        document_id: documentId,
        chunk_id: chunkId,
        title,
        ...(url !== undefined && { url }),
        score,
        text,
      })),
      usage: {
        prompt_tokens: result.usage.promptTokens,
        completion_tokens: result.usage.completionTokens,
        ...(result.usage.costUsd !== undefined && { cost_usd: result.usage.costUsd }),
      },
      timings_ms: { ...stages, total },
      cache: result.cache,
      degraded: result.degraded,
      model: result.model,
      trace_id: c.get("trace").traceId,
    };
    return c.json(response);
  }) as App;
}

function toQuestion({ question, top_k, topic_ids, filter, min_score }: QueryRequest): Question {
  const restriction: SearchFilter = {
    ...(topic_ids && { topicIds: topic_ids }),
    ...(filter && {
      metadata: Object.fromEntries(
        Object.entries(filter).map(([key, value]) => [key, Array.isArray(value) ? value : [value]]),
      ),
    }),
  };
  return {
    question: wellFormed(question),
    topK: top_k,
    ...((topic_ids || filter) && { filter: restriction }),
    ...(min_score !== undefined && { minScore: min_score }),
  };
}
