import type { Message } from "./consumer.ts";

/** A batch of messages as Cloudflare Queues deliver it (https://developers.cloudflare.com/queues/configuration/javascript-apis/). */
export interface WorkerBatch {
  readonly queue: string;
  readonly messages: readonly WorkerMessage[];
}

interface WorkerMessage {
  readonly id: string;
  /** By its content type: a value of JSON, text or bytes. */
  readonly body: unknown;
  /** How often it was delivered, including this time. */
  readonly attempts: number;
  ack(): void;
  retry(): void;
}

/** The conventions name no Cloudflare; as they name Amazon's "aws.sqs". */
const SYSTEM = "cloudflare.queues";

/** The messages have no attributes: `tenant` and `traceparent` are fields beside `documents`. */
export function toMessages({ queue, messages }: WorkerBatch): Message[] {
  return messages.map(({ id, body, attempts }) => ({
    ...{ id, system: SYSTEM, queue, deliveries: attempts },
    ...splitBody(body),
  }));
}

/** Deletes what was processed from the queue; the rest is redelivered, and finally moved to the dead-letter queue. */
export function settle({ messages }: WorkerBatch, failed: readonly Message[]): void {
  const failedIds = new Set(failed.map(({ id }) => id));
  for (const message of messages) {
    if (failedIds.has(message.id)) message.retry();
    else message.ack();
  }
}

const ATTRIBUTES = ["tenant", "traceparent"] as const;

function splitBody(sent: unknown): Pick<Message, "body" | "tenant" | "traceparent"> {
  const body = textOf(sent);
  const value = parse(body);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { body };
  const fields = new Map<string, unknown>(Object.entries(value));
  // One that is no text stays in the body, which is then invalid.
  const attributes = ATTRIBUTES.filter((name) => typeof fields.get(name) === "string");
  if (attributes.length === 0) return { body };
  const known = Object.fromEntries(attributes.map((name) => [name, fields.get(name)]));
  for (const name of attributes) fields.delete(name);
  return { ...known, body: JSON.stringify(Object.fromEntries(fields)) };
}

function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  if (body instanceof ArrayBuffer || body instanceof Uint8Array) return new TextDecoder().decode(body);
  try {
    return JSON.stringify(body) ?? NOT_JSON;
  } catch {
    return NOT_JSON;
  }
}

/** For a body of the content type "v8" that JSON does not have: what reads it says so. */
const NOT_JSON = "(no JSON)";

/** @returns `undefined` for what is not JSON, which what reads the body says */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
