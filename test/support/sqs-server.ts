import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "yaml";
import { buildModule } from "../../local-stack/native/build.ts";
import { isReady } from "../../local-stack/native/processes.ts";
import { freePorts } from "../../local-stack/stack/ports.ts";

export interface SqsServer {
  queueUrl: string;
  /** The dead-letter queue, for messages received {@link MAX_RECEIVE_COUNT} times. */
  deadUrl: string;
  close(): Promise<void>;
}

export const QUEUE_NAME = "edge-rag-test-ingest";
export const MAX_RECEIVE_COUNT = 2;
export const REGION = "eu-central-1";
const ACCOUNT = "123456789012";

/** Builds GoAWS, a server with the SQS protocol; `missing` is the reason when that fails. */
export function prepareSqsServer(): { program?: string; missing?: string } {
  try {
    return { program: buildModule("sqs") };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Starts GoAWS on a free loopback port, with a queue and its dead-letter queue. An undeleted message is visible again
 * after five seconds, which is longer than a slow machine takes to process one.
 */
export async function startSqsServer(program: string): Promise<SqsServer> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-sqs-"));
  const [port = 0] = await freePorts(1);
  const deadLetterTargetArn = `arn:aws:sqs:${REGION}:${ACCOUNT}:${QUEUE_NAME}-dead`;
  const RedrivePolicy = JSON.stringify({ maxReceiveCount: MAX_RECEIVE_COUNT, deadLetterTargetArn });
  const settings = {
    ...{ Host: "127.0.0.1", Port: String(port), AccountId: ACCOUNT, LogToFile: false },
    QueueAttributeDefaults: { VisibilityTimeout: 5, MaximumMessageSize: 262_144 },
    Queues: [{ Name: `${QUEUE_NAME}-dead` }, { Name: QUEUE_NAME, RedrivePolicy }],
  };
  const file = join(folder, "goaws.yaml");
  writeFileSync(file, stringify({ Local: settings }));
  const child = spawn(program, ["-config", file], { stdio: "ignore" });
  while (!(await isReady(`http://127.0.0.1:${port}/health`))) {
    if (child.exitCode !== null) throw new Error(`goaws exited with code ${child.exitCode}`);
    await delay(50);
  }
  const queueUrl = `http://127.0.0.1:${port}/${ACCOUNT}/${QUEUE_NAME}`;
  return { queueUrl, deadUrl: `${queueUrl}-dead`, close: () => end(child, folder) };
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  const ended = once(child, "exit");
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await ended;
  rmSync(folder, { recursive: true, force: true });
}
