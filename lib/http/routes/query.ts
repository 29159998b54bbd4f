import { prefersEvents } from "#http/accept.ts";
import { toResponse } from "#http/answer-response.ts";
import { parseBody, readJson } from "#http/body.ts";
import type { App, Caller } from "#http/context.ts";
import { readableTopics } from "#http/middleware/auth.ts";
import { type QueryRequest, queryRequest } from "#http/schemas.ts";
import { wellFormed } from "#http/well-formed.ts";
import type { AnswerQuestion } from "#rag/answer.ts";
import type { SearchFilter } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import { streamAnswer } from "./stream-answer.ts";

/**
 * Adds `POST /query`: validate → run the pipeline → respond. The response is one JSON body, or server-sent events for
 * `stream: true` or `Accept: text/event-stream`.
 */
export function addQueryRoute(app: App, answerQuestion: AnswerQuestion): void {
  app.post("/query", async (c) => {
    const body = await readJson(c.req.raw, (bytes) => parseBody(bytes, queryRequest));
    const question = toQuestion(body, c.get("caller"));
    if (body.stream ?? prefersEvents(c.req.header("accept")))
      return streamAnswer(c, (call) => answerQuestion(question, call));
    const answer = await answerQuestion(question, c.get("call"));
    const { total, ...stages } = answer.timingsMs;
    c.set("stages", { ...c.get("stages"), ...stages });
    return c.json(toResponse(answer, c.get("trace").traceId));
  });
}

export function toQuestion(request: QueryRequest, caller?: Caller): Question {
  const { question, messages = [], top_k, topic_ids, filter, min_score } = request;
  const topicIds = readableTopics(topic_ids, caller);
  const searchFilter: SearchFilter = {
    ...(topicIds && { topicIds }),
    ...(filter && {
      metadata: Object.fromEntries(
        Object.entries(filter).map(([key, value]) => [key, Array.isArray(value) ? value : [value]]),
      ),
    }),
  };
  return {
    question: wellFormed(question ?? messages.at(-1)?.content ?? ""),
    ...(messages.length > 1 && {
      history: messages.slice(0, -1).map(({ role, content }) => ({ role, content: wellFormed(content) })),
    }),
    topK: top_k,
    ...((topicIds || filter) && { filter: searchFilter }),
    ...(min_score !== undefined && { minScore: min_score }),
  };
}
