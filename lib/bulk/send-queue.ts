import { randomBytes } from "node:crypto";
import { SendMessageCommand, SQSClient, SQSServiceException } from "@aws-sdk/client-sqs";
import { failAll, type Send, StopError } from "./sender.ts";

export interface QueueTarget {
  queueUrl: string;
  /** Owner of the documents, in a deployment with API keys. */
  tenant?: string;
  /** W3C `traceparent` of the sender. Default: a random trace. */
  traceparent?: string;
}

/** SQS' limit for a message with its attributes. A queue may have a lower one and then returns an error. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const ATTRIBUTE_BYTES = 512;

/** Errors that every other message would get, too. */
const FATAL =
  /^(?:AccessDenied\w*|\w*NonExistentQueue|QueueDoesNotExist|InvalidAddress|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|ExpiredToken\w*|KMS\w+|CredentialsProviderError)$/;

/**
 * Sends documents to an SQS queue as messages with the body of `POST /embed`. The AWS SDK handles credentials and retries.
 */
export function createQueueSender({ queueUrl, tenant, traceparent = randomTraceparent() }: QueueTarget): Send {
  // sqs.REGION.amazonaws.com, also in China and with dual stack; other endpoints need AWS_REGION.
  const region = /^https:\/\/sqs\.([\w-]+)\./.exec(queueUrl)?.[1];
  const client = new SQSClient({ maxAttempts: 6, endpoint: new URL(queueUrl).origin, ...(region && { region }) });
  const attributes = { traceparent, ...(tenant !== undefined && { tenant }) };
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  );

  return async (items, signal) => {
    const MessageBody = JSON.stringify({ documents: items.map(({ document }) => document) });
    const bytes = Buffer.byteLength(MessageBody) + ATTRIBUTE_BYTES;
    if (bytes > MAX_MESSAGE_BYTES) {
      const [size, limit] = [bytes, MAX_MESSAGE_BYTES].map((count) => count.toLocaleString("en"));
      return failAll(items, `${size} bytes; a message has at most ${limit}: send it with --url, or split it`);
    }
    try {
      const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageAttributes });
      await client.send(command, { abortSignal: signal });
      return items.map(({ document: { id } }) => ({ id, status: "queued" }));
    } catch (error) {
      signal.throwIfAborted();
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      const reason = `SQS: ${name}: ${message}`;
      if (error instanceof SQSServiceException && !FATAL.test(name) && error.$fault === "client") {
        return failAll(items, reason);
      }
      throw new StopError(`${reason}. Is --queue correct, and do your AWS credentials allow sqs:SendMessage?`);
    }
  };
}

function randomTraceparent(): string {
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
}
