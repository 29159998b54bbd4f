import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { parseBody } from "#http/body.ts";
import type { Invocation } from "#http/context.ts";
import { type FieldError, publicDetail, RequestError } from "#http/problem.ts";
import { toDocument } from "#http/routes/embed.ts";
import { embedRequest } from "#http/schemas.ts";
import { createConsumer, MessageError, type MessageOutcome } from "#queue/consumer.ts";
import { embedMessages } from "#queue/embed-message.ts";
import { toBatchResponse, toMessages } from "#queue/sqs-event.ts";
import { RagError } from "#rag/errors.ts";
import type { NewDocument } from "#rag/ingest.ts";
import { describeError, type Fields, log } from "./log.ts";
import type { Parts } from "./parts.ts";

/** Takes a batch of messages, and answers which of them have to come again. */
export type TakeMessages = (event: SQSEvent, invocation: Invocation) => Promise<SQSBatchResponse>;

/** Takes messages whose body is that of `POST /embed`. */
export async function createTakeMessages({ consume, serviceName, ingest, tenants }: Parts): Promise<TakeMessages> {
  const consumer = createConsumer<Invocation>({
    process: embedMessages(await ingest(), tenants, readDocuments),
    consume,
    onDone: (outcome) => log({ service: serviceName, ...messageLine(outcome) }),
  });
  return async (event, invocation) => toBatchResponse(await consumer(toMessages(event), invocation));
}

/**
 * The documents of a message's body, which is that of `POST /embed`.
 *
 * @throws MessageError that quotes nothing of the body
 */
export function readDocuments(body: string): NewDocument[] {
  try {
    return parseBody(new TextEncoder().encode(body), embedRequest).documents.map(toDocument);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const reason = error.errors ? "The body failed validation." : error.message;
    const errors = error.errors?.map(withoutNames);
    throw new MessageError(reason, { code: "invalid_message", stage: "validation", ...(errors && { errors }) });
  }
}

const KNOWN = new Set(["", "documents", ...["id", "text", "title", "url", "topic_ids", "metadata"]]);

/** A field that the sender made up, or a metadata key, may be anything. */
function withoutNames({ path, message }: FieldError): FieldError {
  const parts = path.split("/").map((part) => (KNOWN.has(part) || /^\d{1,4}$/.test(part) ? part : "*"));
  return { path: parts.join("/"), message };
}

/** Logged of a message that failed validation; a thousand documents may have as many. */
const MAX_ERRORS = 20;

/** The log line of a message; it says whether a message that failed can ever succeed. */
function messageLine({ message, durationMs, error, trace, invocation }: MessageOutcome<Invocation>): Fields {
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
      retry: known?.isLasting ? "not retryable: fix the message and send it again" : "may succeed",
      error: describeError(error),
    }),
    ...(stage !== undefined && { stage }),
  };
}
