import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Invocation } from "#http/context.ts";
import { readEmbedRequest } from "#http/embed-request.ts";
import { type FieldError, publicDetail, RequestError } from "#http/problem.ts";
import { toDocument } from "#http/routes/embed.ts";
import { type ConsumeMessages, createConsumer, MessageError, type MessageOutcome } from "#queue/consumer.ts";
import { createEmbedProcessor } from "#queue/embed-message.ts";
import { toBatchResponse, toMessages } from "#queue/sqs-event.ts";
import { settle, toMessages as toWorkerMessages, type WorkerBatch } from "#queue/worker-batch.ts";
import { RagError } from "#rag/errors.ts";
import type { NewDocument } from "#rag/ingest.ts";
import { describeError, type Fields, log } from "./log.ts";
import type { Parts } from "./parts.ts";
import { ingestPipeline } from "./pipelines.ts";

/** Consumes a batch of SQS messages; the response lists those to redeliver. */
export type SqsConsumer = (event: SQSEvent, invocation: Invocation) => Promise<SQSBatchResponse>;

/** Consumes a batch of Cloudflare Queues; those that failed are redelivered. */
export type WorkerQueueConsumer = (batch: WorkerBatch, invocation: Invocation) => Promise<void>;

/** Consumes messages whose body is that of `POST /embed`: validate → run the pipeline → report failed messages. */
export async function createSqsConsumer(parts: Parts): Promise<SqsConsumer> {
  const consume = await createEmbedConsumer(parts);
  return async (event, invocation) => toBatchResponse(await consume(toMessages(event), invocation));
}

/** The same for Cloudflare Queues, with `tenant` and `traceparent` in the body. */
export async function createWorkerQueueConsumer(parts: Parts): Promise<WorkerQueueConsumer> {
  const consume = await createEmbedConsumer(parts);
  return async (batch, invocation) => settle(batch, await consume(toWorkerMessages(batch), invocation));
}

async function createEmbedConsumer(parts: Parts): Promise<ConsumeMessages<Invocation>> {
  const { consume, serviceName, tenants } = parts;
  return createConsumer<Invocation>({
    process: createEmbedProcessor(await ingestPipeline(parts), tenants, readDocuments),
    consume,
    onDone: (outcome) => log({ service: serviceName, ...messageLine(outcome) }),
  });
}

/**
 * Parses and validates the body of a message, which is that of `POST /embed`.
 *
 * @throws MessageError that never quotes the body
 */
export function readDocuments(body: string): NewDocument[] {
  try {
    return readEmbedRequest(new TextEncoder().encode(body)).documents.map(toDocument);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const reason = error.errors ? "The body failed validation." : error.message;
    const errors = error.errors?.map(redactPath);
    throw new MessageError(reason, { code: "invalid_message", stage: "validation", ...(errors && { errors }) });
  }
}

const KNOWN_FIELDS = new Set(["", "documents", ...["id", "text", "title", "url", "topic_ids", "metadata"]]);

/** Unknown fields and metadata keys are content of the message: they are replaced by "*". */
function redactPath({ path, message }: FieldError): FieldError {
  const parts = path.split("/").map((part) => (KNOWN_FIELDS.has(part) || /^\d{1,4}$/.test(part) ? part : "*"));
  return { path: parts.join("/"), message };
}

/** Field errors in a log line, at most: a message may have a thousand invalid documents. */
const MAX_LOGGED_ERRORS = 20;

/** The log line of a message; `retry` says whether redelivering a failed message can help. */
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
      reason: known?.message ?? (error instanceof RagError ? publicDetail(error) : "unexpected"),
      ...(known?.errors && { errors: known.errors.slice(0, MAX_LOGGED_ERRORS) }),
      retry: known?.isPermanent ? "not retryable: fix the message and send it again" : "may succeed",
      error: describeError(error),
    }),
    ...(stage !== undefined && { stage }),
  };
}
