import type { Context } from "hono";
import { withTimeLimit } from "#async/time-limit.ts";
import { stagesOf, toCitations, toResponse } from "#http/answer-response.ts";
import { type AppEnv, recordFailure } from "#http/context.ts";
import type { QueryEvents } from "#http/schemas.ts";
import type { Answer, AnswerCall } from "#rag/answer.ts";
import { createEventStream } from "./event-stream.ts";

/**
 * After that, no `delta` is sent: `done` has the whole answer. Where the response is buffered, all events together must stay
 * below Lambda's 6 MB.
 */
const MAX_DELTA_BYTES = 500_000;

/**
 * Streams an answer as server-sent events: `citations`, any number of `delta`, then `done` or `error`. A failure before the
 * first event is thrown and becomes an ordinary error response. `run` is aborted when the reader disconnects and at the
 * deadline.
 */
export async function streamAnswer(c: Context<AppEnv>, run: (call: AnswerCall) => Promise<Answer>): Promise<Response> {
  const events = createEventStream();
  const send = <Name extends keyof QueryEvents>(name: Name, data: QueryEvents[Name]) => events.send(name, data);
  let deltaBytes = 0;
  const call = c.get("call");
  const trace_id = c.get("trace").traceId;
  const signal = AbortSignal.any([call.signal, events.cancelled]);
  const { promise: started, resolve: start } = Promise.withResolvers<void>();

  const work = run({
    ...call,
    signal,
    onCitations(citations, degraded) {
      send("citations", { citations: toCitations(citations), degraded: stagesOf(degraded), trace_id });
      start();
    },
    onDelta(text) {
      if (deltaBytes > MAX_DELTA_BYTES) return;
      deltaBytes += send("delta", { text });
    },
  });
  // Stop waiting once the signal is aborted, even for a service that ignores it.
  const answered = withTimeLimit({ signal }, () => work);
  await Promise.race([started, answered]);
  const ended = answered
    .then(
      (answer) => {
        const { citations, ...rest } = toResponse(answer, trace_id);
        send("done", rest);
      },
      (error: unknown) => {
        events.send("error", recordFailure(c, error));
      },
    )
    .finally(events.close);
  c.set("stream", ended);
  return new Response(events.body, { headers: { "content-type": "text/event-stream" } });
}
