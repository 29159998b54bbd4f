import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import {
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Account, startAccount } from "./_account.ts";
import type { Emulator } from "./_emulator.ts";
import type { Project } from "./_project.ts";
import { createStageSecret, type Services } from "./_services.ts";
import { createStage } from "./_stage.ts";

let account: Account;
let emulator: Emulator;
let services: Services;
let project: Project;

beforeAll(async () => {
  account = await startAccount();
  ({ emulator, services, project } = account);
  await createStageSecret(project, "dev", services);
  const stage = createStage("dev", emulator, project, services);
  const { code, output } = await stage.deploy(await stage.package());
  expect(code, output).toBe(0);
});
afterAll(() => account?.close());

async function outputs(): Promise<Map<string, string>> {
  const describe = ["aws", "cloudformation", "describe-stacks", "--stack-name", "edge-rag-dev", "--output", "json"];
  const { Stacks } = JSON.parse(await project.succeed(describe)) as {
    Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[];
  };
  return new Map(Stacks[0]?.Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

const storedTexts = () =>
  [...services.qdrant.collections.values()].flatMap(({ points }) =>
    [...points.values()].map(({ payload }) => JSON.stringify(payload)),
  );

test("a document goes through the queue to the store, and what cannot be processed to the dead-letter queue", async () => {
  const urls = await outputs();
  const QueueUrl = urls.get("IngestQueueUrl");
  const sqs = createSqs();
  onTestFinished(() => sqs.destroy());
  // Seconds, in place of minutes between two attempts.
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "1" } }));
  const MessageAttributes = { tenant: { DataType: "String", StringValue: "smoke" } };
  const document = { id: "tides", text: "The tide tables hang in the harbour office." };
  for (const MessageBody of [JSON.stringify({ documents: [document] }), "not a document"]) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
  }
  while (!storedTexts().some((text) => text.includes("tide tables"))) await delay(100);
  const dead = { QueueUrl: urls.get("IngestDeadLetterQueueUrl"), WaitTimeSeconds: 5 };
  let received: Message[] = [];
  while (received.length === 0) received = (await sqs.send(new ReceiveMessageCommand(dead))).Messages ?? [];
  expect(received.map(({ Body }) => Body)).toEqual(["not a document"]);

  const AttributeNames: QueueAttributeName[] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  expect(Object.values(Attributes ?? {})).toEqual(["0", "0"]);
});

test("no process of a function is left when the emulator ends", async () => {
  expect(processesWith(emulator.home)).toContainEqual(expect.stringContaining("edge-rag-dev-embed"));
  await emulator.stop();
  expect(processesWith(emulator.home)).toEqual([]);
});

/** The command lines of all processes that contain this. */
function processesWith(text: string): string[] {
  const lines = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.includes(text));
}

function createSqs(): SQSClient {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = emulator.env;
  const { url: endpoint, region } = emulator;
  return new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
}
