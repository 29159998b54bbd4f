import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Message } from "./consumer.ts";

export function toMessages({ Records }: SQSEvent): Message[] {
  return Records.map(({ messageId, eventSourceARN, body, attributes, messageAttributes }) => ({
    id: messageId,
    system: "aws.sqs",
    queue: eventSourceARN.slice(eventSourceARN.lastIndexOf(":") + 1),
    body,
    deliveries: Number(attributes.ApproximateReceiveCount) || 1,
    ...stringAttribute(messageAttributes, "traceparent"),
    ...stringAttribute(messageAttributes, "tenant"),
  }));
}

/**
 * Lambda deletes all other messages from the queue; these are redelivered, and finally moved to the dead-letter queue. The
 * event source mapping must have `ReportBatchItemFailures`: otherwise Lambda deletes them all.
 */
export function toBatchResponse(failed: readonly Message[]): SQSBatchResponse {
  return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
}

function stringAttribute<Name extends string>(
  attributes: SQSRecord["messageAttributes"],
  name: Name,
): { [key in Name]?: string } {
  const value = attributes[name]?.stringValue;
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: string });
}
