import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Message } from "./consumer.ts";

export function toMessages({ Records }: SQSEvent): Message[] {
  return Records.map(({ messageId, eventSourceARN, body, attributes, messageAttributes }) => ({
    id: messageId,
    queue: eventSourceARN.slice(eventSourceARN.lastIndexOf(":") + 1),
    body,
    deliveries: Number(attributes.ApproximateReceiveCount) || 1,
    ...textOf(messageAttributes, "traceparent"),
    ...textOf(messageAttributes, "tenant"),
  }));
}

/**
 * What Lambda deletes from the queue is all but these; those come again, and in the end to the dead-letter queue. The event
 * source has to ask for it, with `ReportBatchItemFailures`: otherwise Lambda deletes them all.
 */
export function toBatchResponse(failed: readonly Message[]): SQSBatchResponse {
  return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
}

function textOf<Name extends string>(
  attributes: SQSRecord["messageAttributes"],
  name: Name,
): { [key in Name]?: string } {
  const value = attributes[name]?.stringValue;
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: string });
}
