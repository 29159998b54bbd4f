import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Invocation } from "#http/app.ts";
import { createConsumer, MessageError, type MessageOutcome, type ProcessMessage } from "#http/messages.ts";
import { publicDetail } from "#http/problem.ts";
import { toBatchResponse, toMessages } from "#http/sqs-event.ts";
import { RagError } from "#rag/errors.ts";
import { describeError, type Fields, log } from "./log.ts";
import type { Parts } from "./parts.ts";

/** Takes a batch of messages, and answers which of them have to come again. */
export type TakeMessages = (event: SQSEvent, invocation: Invocation) => Promise<SQSBatchResponse>;

export function createTakeMessages({ consume, serviceName }: Parts, process: ProcessMessage): TakeMessages {
  const consumer = createConsumer({
    process,
    consume,
    onDone: (outcome) => log({ service: serviceName, ...messageLine(outcome) }),
  });
  return async (event, invocation) => toBatchResponse(await consumer(toMessages(event), invocation));
}

/** Of a message that does not fit; a thousand documents may have as many. */
const MAX_ERRORS = 20;

/** The log line of a message; it says whether a message that failed can ever succeed. */
function messageLine({ message, durationMs, error, trace, invocation }: MessageOutcome): Fields {
  const known = error instanceof MessageError ? error : undefined;
  const stage = error instanceof RagError ? error.stage : known?.stage;
  return {
    level: error === undefined ? "INFO" : "ERROR",
    message: `process ${message.queue} ${error === undefined ? "done" : "failed"}`,
    trace_id: trace.traceId,
    span_id: trace.traceparent.split("-")[2],
    message_id: message.id,
    deliveries: message.deliveries,
    duration_ms: Number(durationMs.toFixed(1)),
    cold_start: invocation.coldStart,
    function_request_id: invocation.requestId,
    ...(error !== undefined && {
      reason: known?.message ?? (stage ? publicDetail(stage) : "unexpected"),
      ...(known?.errors && { errors: known.errors.slice(0, MAX_ERRORS) }),
      retry: known?.isLasting ? "in vain: correct the message and send it anew" : "may succeed",
      error: describeError(error),
    }),
    ...(stage !== undefined && { stage }),
  };
}
