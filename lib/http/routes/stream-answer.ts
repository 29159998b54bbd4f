import type { Context } from "hono";
import { rewrittenAs, stagesOf, toCitations, toResponse } from "#http/answer-response.ts";
import type { AppEnv } from "#http/context.ts";
import { feedbackToken, type SignAnswer } from "#http/feedback.ts";
import type { QueryEvents } from "#http/schemas/responses.ts";
import type { Answer, AnswerCall } from "#rag/answer.ts";
import { MAX_DELTA_BYTES, streamEvents } from "./stream-events.ts";

/**
 * Streams an answer as server-sent events: `citations`, any number of `delta`, then `done`, which has the whole answer, or
 * `error`.
 */
export function streamAnswer(
  c: Context<AppEnv>,
  run: (call: AnswerCall) => Promise<Answer>,
  sign?: SignAnswer,
): Promise<Response> {
  const trace_id = c.get("trace").traceId;
  return streamEvents(c, run, (events, start) => {
    const send = <Name extends keyof QueryEvents>(name: Name, data: QueryEvents[Name]) => events.send(name, data);
    let deltaBytes = 0;
    return {
      onCitations(citations, degraded, rewritten) {
        const found = { citations: toCitations(citations), ...rewrittenAs(rewritten) };
        send("citations", { ...found, degraded: stagesOf(degraded), trace_id });
        start();
      },
      onDelta(text) {
        if (deltaBytes > MAX_DELTA_BYTES) return;
        deltaBytes += send("delta", { text });
      },
      onAnswer(answer) {
        const { citations, ...rest } = toResponse(answer, trace_id);
        send("done", { ...rest, ...feedbackToken(c, answer, sign) });
      },
      onFailure(problem) {
        events.send("error", problem);
      },
    };
  });
}
