import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  createConsumer,
  type Delivery,
  type Message,
  MessageError,
  type MessageOutcome,
  type ProcessMessage,
} from "#queue/consumer.ts";
import { toBatchResponse, toMessages } from "#queue/sqs-event.ts";
import { TRACE } from "../http/_app.ts";

const INVOCATION = { requestId: "r", coldStart: true, initDurationMs: 5 };

function message(id: string, more: Partial<Message> = {}): Message {
  return { id, system: "aws.sqs", queue: "ingest", body: "{}", deliveries: 1, ...more };
}

function consumer(process: ProcessMessage) {
  const outcomes: MessageOutcome<Delivery>[] = [];
  const expired: unknown[] = [];
  const consume = createConsumer<Delivery>({
    process,
    consume: (_message, _invocation, run) => run({ ...TRACE, expire: () => void expired.push(1) }),
    onDone: (outcome) => outcomes.push(outcome),
  });
  return { consume, outcomes, expired };
}

describe("a batch of messages", () => {
  it("returns the messages that failed, and no others", async () => {
    const { consume, outcomes } = consumer(async ({ id }) => {
      if (id === "b") throw new Error("down");
    });
    const failed = await consume([message("a"), message("b"), message("c")], INVOCATION);
    expect(failed.map(({ id }) => id)).toEqual(["b"]);
    expect(outcomes.map(({ message, error }) => [message.id, (error as Error | undefined)?.message])).toEqual([
      ["a", undefined],
      ["b", "down"],
      ["c", undefined],
    ]);
  });

  it("processes the messages with the most deliveries first", async () => {
    const order: string[] = [];
    const { consume } = consumer(async ({ id }) => void order.push(id));
    await consume([message("a"), message("b", { deliveries: 3 }), message("c", { deliveries: 2 })], INVOCATION);
    expect(order).toEqual(["b", "c", "a"]);
  });

  it("has a cold start only for the first message", async () => {
    const { consume, outcomes } = consumer(async () => {});
    await consume([message("a"), message("b")], INVOCATION);
    expect(outcomes.map(({ invocation }) => invocation.coldStart)).toEqual([true, false]);
  });

  it("stops at the deadline, aborts the current message, and returns it and the rest", async () => {
    const before = Date.now();
    const started: string[] = [];
    let reason: unknown;
    const { consume, outcomes, expired } = consumer(async ({ id }, { signal, deadline }) => {
      started.push(id);
      expect(deadline).toBeGreaterThan(before);
      if (id === "a") return;
      signal?.addEventListener("abort", () => {
        reason = signal.reason;
      });
      await delay(10_000, undefined, { ref: false });
    });
    const failed = await consume([message("a"), message("b"), message("c")], { ...INVOCATION, timeLeftMs: 100 });
    expect(failed.map(({ id }) => id)).toEqual(["b", "c"]);
    expect(started).toEqual(["a", "b"]);
    expect(expired).toHaveLength(1);
    expect(reason).toMatchObject({ code: "deadline" });
    expect(outcomes.slice(1).map(({ error }) => error)).toEqual([
      expect.objectContaining({
        message: "the invocation ran out of time while the message was processed",
        stage: "deadline",
      }),
      expect.objectContaining({
        message: "the invocation ran out of time before the message was processed",
        stage: "deadline",
      }),
    ]);
  });

  it("counts a rejection with undefined as a failure", async () => {
    const { consume } = consumer(() => Promise.reject(undefined));
    expect(await consume([message("a")], INVOCATION)).toHaveLength(1);
  });
});

describe("an SQS event", () => {
  const record = {
    messageId: "m-1",
    receiptHandle: "",
    body: "{}",
    attributes: {
      ApproximateReceiveCount: "2",
      SentTimestamp: "0",
      SenderId: "",
      ApproximateFirstReceiveTimestamp: "0",
    },
    messageAttributes: {
      traceparent: { dataType: "String", stringValue: "00-x" },
      tenant: { dataType: "Binary", binaryValue: "eA==" },
      other: { dataType: "String", stringValue: "ignored" },
    },
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:edge-rag-dev-ingest",
    awsRegion: "eu-central-1",
  };

  it("becomes messages, with the string attributes traceparent and tenant only", () => {
    expect(toMessages({ Records: [record] })).toEqual([
      {
        ...{ id: "m-1", system: "aws.sqs", queue: "edge-rag-dev-ingest" },
        ...{ body: "{}", deliveries: 2, traceparent: "00-x" },
      },
    ]);
  });

  it("gets a batch response with the ids of the failed messages", () => {
    expect(toBatchResponse([])).toEqual({ batchItemFailures: [] });
    expect(toBatchResponse([message("a")])).toEqual({ batchItemFailures: [{ itemIdentifier: "a" }] });
  });
});

it("a MessageError is permanent only for an invalid message", () => {
  expect(new MessageError("no", { code: "invalid_message" }).isPermanent).toBe(true);
  expect(new MessageError("late", { code: "deadline" }).isPermanent).toBe(false);
  expect(new MessageError("down").isPermanent).toBe(false);
});
