import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export const QUEUE = "edge-rag-test-ingest";

export interface Sent {
  id?: string;
  body: unknown;
  deliveries?: number;
  attributes?: Readonly<Record<string, string>>;
}

/** The event of Lambda's SQS event source for a batch of messages. */
export function sqsEvent(...messages: readonly Sent[]): SQSEvent {
  return { Records: messages.map(toRecord) };
}

function toRecord({ id = crypto.randomUUID(), body, deliveries = 1, attributes = {} }: Sent): SQSRecord {
  const text = Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: "String", stringValue }]);
  return {
    messageId: id,
    receiptHandle: `handle-${id}`,
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(deliveries),
      ApproximateFirstReceiveTimestamp: "1",
      SenderId: "sender",
      SentTimestamp: "1",
    },
    messageAttributes: Object.fromEntries(text),
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:eu-central-1:123456789012:${QUEUE}`,
    awsRegion: "eu-central-1",
  };
}

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Invokes a handler with an event. @returns the ids of the messages that it reports as failed */
export async function deliver(handler: Handler, event: SQSEvent, leftMs = 29_000): Promise<string[]> {
  const context = {
    awsRequestId: crypto.randomUUID(),
    invokedFunctionArn: "arn:aws:lambda:test",
    getRemainingTimeInMillis: () => leftMs,
  } as Context;
  const { batchItemFailures } = await handler(event, context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
