import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runIngest } from "#bulk/run.ts";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { invoke } from "../functions/_lambda.ts";
import type { OtlpSpan } from "../support/otlp.ts";
import { poll } from "../support/sqs-poller.ts";
import {
  MAX_RECEIVE_COUNT,
  prepareSqsServer,
  QUEUE_NAME,
  REGION,
  type SqsServer,
  startSqsServer,
} from "../support/sqs-server.ts";
import { type Services, startServices } from "../tools/size/services.ts";

const { program, missing } = prepareSqsServer();
if (missing) console.error(`SQS IS NOT TESTED: its server cannot be built: ${missing}`);

const SENDER = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const never = new AbortController().signal;

let folder: string;
let docs: string;
let services: Services;
let sqs: SqsServer;
let client: SQSClient;
let embed: typeof import("../../functions/embed.ts").handler;
let query: typeof import("../../functions/query.ts").handler;
const logged: string[] = [];

async function ingest(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const code = await runIngest([docs, "--queue", sqs.queueUrl, ...args], {
    env: { RAG_DATA_DIR: join(docs, ".state"), TRACEPARENT: `00-${SENDER.traceId}-${SENDER.spanId}-01` },
    write: (line) => void lines.push(...line.split("\n")),
    ...{ stop: never, abort: never },
  });
  return { code, lines };
}

/** Polls for a second at a time until the queue stays empty, retrying failed messages. */
async function drain(): Promise<void> {
  for (let quiet = 0; quiet < 7; ) {
    const { received } = await poll(client, sqs.queueUrl, embed);
    quiet = received === 0 ? quiet + 1 : 0;
  }
}

const embeddings = () => services.openai.requests.filter(({ endpoint }) => endpoint === "embeddings").length;

describe.skipIf(!program)(`npm run ingest through a real SQS queue${missing ? " (NOT TESTED: no server)" : ""}`, () => {
  beforeAll(async () => {
    mkdirSync(join(ROOT, ".bundle"), { recursive: true });
    folder = mkdtempSync(join(ROOT, ".bundle/queue-"));
    docs = mkdtempSync(join(tmpdir(), "edge-rag-queue-"));
    services = await startServices();
    sqs = await startSqsServer(program ?? "");
    const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: REGION };
    Object.assign(process.env, services.env, credentials);
    client = new SQSClient({ endpoint: new URL(sqs.queueUrl).origin });
    await bundle(folder);
    const load = (name: string) => import(pathToFileURL(join(folder, `${name}.mjs`)).href);
    [{ handler: embed }, { handler: query }] = await Promise.all([load("embed"), load("query")]);
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      logged.push(String(chunk));
      return true;
    });
  }, 60_000);
  afterAll(async () => {
    vi.restoreAllMocks();
    client.destroy();
    await Promise.all([services.close(), sqs.close()]);
    for (const path of [folder, docs]) rmSync(path, { recursive: true, force: true });
  });

  test("makes queued files searchable once the bundled function has processed them", async () => {
    writeFileSync(join(docs, "bees.md"), "# Bees\n\nBees tell each other where flowers are by a waggle dance.");
    writeFileSync(join(docs, "ants.html"), "<h1>Ants</h1><p>Ants mark the way to food with scent.");
    expect(await ingest()).toEqual({ code: 0, lines: ["2 queued, 0 failed."] });
    expect(await poll(client, sqs.queueUrl, embed)).toEqual({ received: 1, failed: 0 });
    const { body } = await invoke(query, "POST", "/query", { question: "How do bees tell where flowers are?" });
    expect(body.citations.map(({ document_id }: { document_id: string }) => document_id).toSorted()).toEqual([
      "ants.html",
      "bees.md",
    ]);
    const consumer = services.spans.find(({ name }) => name === `process ${QUEUE_NAME}`) as OtlpSpan & {
      links?: object[];
    };
    expect(consumer.links).toContainEqual(expect.objectContaining(SENDER));
    expect(services.spans.some(({ name, traceId }) => name === "rag.ingest" && traceId === consumer.traceId)).toBe(
      true,
    );
  });

  test("embeds nothing when a message is delivered again", async () => {
    writeFileSync(join(docs, "wasps.txt"), "Wasps build their nests of paper.");
    expect((await ingest()).lines).toEqual(["3 queued, 0 failed."]);
    expect(await poll(client, sqs.queueUrl, embed, { crashes: true })).toEqual({ received: 1, failed: 0 });
    const before = embeddings();
    await expect.poll(() => poll(client, sqs.queueUrl, embed), { timeout: 10_000 }).toEqual({ received: 1, failed: 0 });
    expect(embeddings()).toBe(before);
  });

  test("moves an invalid message to the dead-letter queue, logs the reason and processes the others", {
    timeout: 60_000,
  }, async () => {
    const traceparent = { DataType: "String", StringValue: `00-${SENDER.traceId}-${SENDER.spanId}-01` };
    const send = (MessageBody: string) =>
      client.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl, MessageBody, MessageAttributes: { traceparent } }));
    const { MessageId: poison } = await send('{"documents": [{"id": "a"}]}');
    await send(JSON.stringify({ documents: [{ id: "moths", text: "Moths fly at night." }] }));
    logged.length = 0;
    await drain();
    const entries = logged.map((line) => JSON.parse(line));
    const failures = entries.filter(({ message_id }) => message_id === poison);
    expect(failures).toHaveLength(MAX_RECEIVE_COUNT);
    expect(failures[0]).toMatchObject({
      reason: "The body failed validation.",
      errors: [{ path: "/documents/0/text" }],
    });
    expect(entries.filter(({ level }) => level === "INFO")).toHaveLength(1);
    const { Messages } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: sqs.deadUrl, MessageAttributeNames: ["All"], WaitTimeSeconds: 5 }),
    );
    // The sender's trace context is kept for a redrive.
    expect(Messages).toMatchObject([{ MessageId: poison, MessageAttributes: { traceparent } }]);
  });

  test("retries a message after an outage of the embedder", { timeout: 60_000 }, async () => {
    writeFileSync(join(docs, "flies.txt"), "Flies taste with their feet.");
    await ingest();
    services.openai.failAlways("embeddings", { kind: "status", status: 503 });
    expect(await poll(client, sqs.queueUrl, embed)).toEqual({ received: 1, failed: 1 });
    services.openai.failAlways("embeddings", undefined);
    await expect.poll(() => poll(client, sqs.queueUrl, embed), { timeout: 10_000 }).toEqual({ received: 1, failed: 0 });
    const { body } = await invoke(query, "POST", "/query", { question: "What do flies taste with?" });
    expect(body.citations.map(({ document_id }: { document_id: string }) => document_id)).toContain("flies.txt");
  });

  test("fails only a document that the queue rejects, and stops when the queue does not exist", async () => {
    writeFileSync(join(docs, "long.txt"), "long ".repeat(60_000));
    writeFileSync(join(docs, "longer.txt"), "long ".repeat(300_000));
    const { code, lines } = await ingest();
    expect(code).toBe(1);
    expect(lines).toEqual([
      "4 queued, 2 failed.",
      expect.stringMatching(/^failed: long\.txt: SQS: InvalidParameterValue: .*size/),
      expect.stringMatching(
        /^failed: longer\.txt: 1,500,\d+ bytes; a message has at most 1,048,576: send it with --url, or split it$/,
      ),
    ]);
    const absent = await runIngest([docs, "--queue", `${sqs.queueUrl}-nope`], {
      ...{ env: { RAG_DATA_DIR: join(docs, ".state") }, stop: never, abort: never },
      write: (line) => void lines.push(line),
    });
    expect(absent).toBe(1);
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(
        /^stopped: SQS: QueueDoesNotExist: .*Is --queue correct, and do your AWS credentials allow sqs:SendMessage/,
      ),
      "6 files are left. Run the same command again: it resumes where it stopped.",
    ]);
  });
});
