import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { QUEUE_NAME, REGION } from "./sqs-server.ts";

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Acts as Lambda's event source mapping with `ReportBatchItemFailures`: receives a batch, invokes the handler, and
 * deletes the messages that it does not report as failed.
 *
 * @param crashes Deletes nothing after the invocation.
 * @returns how many messages were received, and how many of them failed
 */
export async function poll(
  client: SQSClient,
  queueUrl: string,
  handler: Handler,
  { crashes = false, waitSeconds = 1 } = {},
): Promise<{ received: number; failed: number }> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      ...{ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds },
      ...{ MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] },
    }),
  );
  if (Messages.length === 0) return { received: 0, failed: 0 };
  const Records = Messages.map((message): SQSRecord => {
    const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
      name,
      { dataType: DataType, stringValue: StringValue },
    ]);
    return {
      messageId: message.MessageId ?? "",
      receiptHandle: message.ReceiptHandle ?? "",
      body: message.Body ?? "",
      attributes: message.Attributes as unknown as SQSRecord["attributes"],
      messageAttributes: Object.fromEntries(attributes),
      md5OfBody: message.MD5OfBody ?? "",
      eventSource: "aws:sqs",
      eventSourceARN: `arn:aws:sqs:${REGION}:123456789012:${QUEUE_NAME}`,
      awsRegion: REGION,
    };
  });
  const context = {
    awsRequestId: crypto.randomUUID(),
    invokedFunctionArn: "arn:aws:lambda:test",
    getRemainingTimeInMillis: () => 29_000,
  } as Context;
  const { batchItemFailures } = await handler({ Records }, context);
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { messageId, receiptHandle } of crashes ? [] : Records) {
    if (failed.has(messageId)) continue;
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
  }
  return { received: Records.length, failed: failed.size };
}
