import type { Context } from "hono";
import { withTimeLimit } from "#async/time-limit.ts";
import { type AppEnv, recordFailure } from "#http/context.ts";
import type { Problem } from "#http/schemas/responses.ts";
import type { Answer, AnswerCall } from "#rag/answer.ts";
import { createEventStream, type EventStream } from "./event-stream.ts";

/**
 * Bytes of events after which a writer sends no further piece of the text, but the rest of it at the end: where the
 * response is buffered, all events together must stay below Lambda's 6 MB.
 */
export const MAX_DELTA_BYTES = 500_000;

/** Turns what the pipeline emits into the events of a protocol. */
export interface EventWriter extends Pick<AnswerCall, "onCitations" | "onDelta"> {
  onAnswer(answer: Answer): void;
  /** A failure after the first event. */
  onFailure(problem: Problem): void;
}

/**
 * Streams an answer as server-sent events. The response begins when the writer calls `start`; a failure before that is
 * thrown and becomes an ordinary error response. `run` is aborted when the reader disconnects and at the deadline.
 */
export async function streamEvents(
  c: Context<AppEnv>,
  run: (call: AnswerCall) => Promise<Answer>,
  createWriter: (events: EventStream, start: () => void) => EventWriter,
): Promise<Response> {
  const events = createEventStream(c.env.invocation.disconnected);
  const call = c.get("call");
  const signal = AbortSignal.any([call.signal, events.cancelled]);
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const { onAnswer, onFailure, ...writer } = createWriter(events, start);

  // Stop waiting once the signal is aborted, even for a service that ignores it.
  const answered = withTimeLimit({ signal }, () => run({ ...call, signal, ...writer }));
  await Promise.race([started, answered]);
  const ended = answered.then(onAnswer, (error: unknown) => onFailure(recordFailure(c, error))).finally(events.close);
  c.set("stream", ended);
  return new Response(events.body, { headers: { "content-type": "text/event-stream" } });
}
