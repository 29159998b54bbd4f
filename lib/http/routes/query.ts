import type { Context } from "hono";
import { toResponse } from "#http/answer-response.ts";
import { readJson } from "#http/body.ts";
import type { App, AppEnv, Caller } from "#http/context.ts";
import { readableTopics } from "#http/middleware/auth.ts";
import { type QueryRequest, queryRequest } from "#http/schemas.ts";
import { wellFormed } from "#http/well-formed.ts";
import type { AnswerQuestion, Question } from "#rag/answer.ts";
import type { SearchFilter } from "#rag/ports.ts";
import { streamAnswer } from "./stream-answer.ts";

/** Adds `POST /query`: one JSON body, or server-sent events for `stream: true` or `Accept: text/event-stream`. */
export function queryRoute(app: App, answer: AnswerQuestion): App {
  return app.post("/query", async (c) => {
    const body = await readJson(c.req.raw, queryRequest);
    const question = toQuestion(body, c.get("caller"));
    if (body.stream ?? acceptsEvents(c)) return streamAnswer(c, (call) => answer(question, call));
    const result = await answer(question, c.get("call"));
    const { total, ...stages } = result.timingsMs;
    c.set("stages", { ...c.get("stages"), ...stages });
    return c.json(toResponse(result, c.get("trace").traceId));
  }) as App;
}

function acceptsEvents(c: Context<AppEnv>): boolean {
  return /(?:^|,)\s*text\/event-stream\s*(?:[;,]|$)/i.test(c.req.header("accept") ?? "");
}

function toQuestion({ question, top_k, topic_ids, filter, min_score }: QueryRequest, caller?: Caller): Question {
  const topicIds = readableTopics(topic_ids, caller);
  const restriction: SearchFilter = {
    ...(topicIds && { topicIds }),
    ...(filter && {
      metadata: Object.fromEntries(
        Object.entries(filter).map(([key, value]) => [key, Array.isArray(value) ? value : [value]]),
      ),
    }),
  };
  return {
    question: wellFormed(question),
    topK: top_k,
    ...((topicIds || filter) && { filter: restriction }),
    ...(min_score !== undefined && { minScore: min_score }),
  };
}
