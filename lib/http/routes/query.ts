import { prefersEvents } from "#http/accept.ts";
import { toResponse } from "#http/answer-response.ts";
import { parseBody, readJson } from "#http/body.ts";
import { type App, addStages } from "#http/context.ts";
import { feedbackToken, type SignAnswer } from "#http/feedback.ts";
import { toQuestion } from "#http/question.ts";
import { queryRequest } from "#http/schemas.ts";
import type { AnswerQuestion } from "#rag/answer.ts";
import { streamAnswer } from "./stream-answer.ts";

/**
 * Adds `POST /query`: validate → run the pipeline → respond. The response is one JSON body, or server-sent events for
 * `stream: true` or `Accept: text/event-stream`.
 *
 * @param sign absent when answers cannot be rated
 */
export function addQueryRoute(app: App, answerQuestion: AnswerQuestion, sign?: SignAnswer): void {
  app.post("/query", async (c) => {
    const body = await readJson(c.req.raw, (bytes) => parseBody(bytes, queryRequest));
    const question = toQuestion(body, c.get("caller"));
    if (body.stream ?? prefersEvents(c.req.header("accept")))
      return streamAnswer(c, (call) => answerQuestion(question, call), sign);
    const answer = await answerQuestion(question, c.get("call"));
    addStages(c, answer.timingsMs);
    return c.json({ ...toResponse(answer, c.get("trace").traceId), ...feedbackToken(c, answer, sign) });
  });
}
