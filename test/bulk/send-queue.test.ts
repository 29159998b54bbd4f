import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import type { Item } from "#bulk/read-document.ts";
import { createQueueSender } from "#bulk/send-queue.ts";
import { StopError } from "#bulk/sender.ts";

const ITEMS: Item[] = ["a", "b"].map((id) => ({ document: { id, text: "T" }, bytes: 30, hash: "" }));
const never = new AbortController().signal;

interface Request {
  headers: IncomingHttpHeaders;
  body: { QueueUrl: string; MessageBody: string; MessageAttributes: Record<string, { StringValue: string }> };
}

/** Answers as SQS does, in AWS' JSON protocol. */
async function startQueue(answer: { status: number; body: object }) {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const sent: Request["body"] = JSON.parse(body);
      requests.push({ headers: request.headers, body: sent });
      response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
      // The client compares it with what it sent.
      const MD5OfMessageBody = createHash("md5").update(sent.MessageBody).digest("hex");
      response.end(JSON.stringify({ ...answer.body, MD5OfMessageBody }));
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, queueUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/123456789012/ingest` };
}

beforeEach(() => {
  for (const [name, value] of [
    ["AWS_ACCESS_KEY_ID", "test"],
    ["AWS_SECRET_ACCESS_KEY", "test"],
    ["AWS_REGION", "eu-west-1"],
  ] as const)
    vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});

it("a message has the body of POST /embed, the sender's trace, and the tenant", async () => {
  const { requests, queueUrl } = await startQueue({ status: 200, body: { MessageId: "m" } });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  expect(await createQueueSender({ queueUrl, traceparent, tenant: "alice" })(ITEMS, never)).toEqual([
    { id: "a", status: "queued" },
    { id: "b", status: "queued" },
  ]);
  const [{ headers, body } = {} as Request] = requests;
  expect(headers["x-amz-target"]).toBe("AmazonSQS.SendMessage");
  expect(headers.authorization).toContain("/eu-west-1/sqs/");
  expect(body.QueueUrl).toBe(queueUrl);
  expect(JSON.parse(body.MessageBody)).toEqual({ documents: ITEMS.map(({ document }) => document) });
  expect(body.MessageAttributes).toMatchObject({
    traceparent: { DataType: "String", StringValue: traceparent },
    tenant: { DataType: "String", StringValue: "alice" },
  });
});

it("a sender without a trace starts one, the same for all its messages", async () => {
  const { requests, queueUrl } = await startQueue({ status: 200, body: { MessageId: "m" } });
  const send = createQueueSender({ queueUrl });
  await send(ITEMS, never);
  await send(ITEMS, never);
  const traces = requests.map(({ body }) => body.MessageAttributes.traceparent?.StringValue);
  expect(traces[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(traces[1]).toBe(traces[0]);
  expect(requests[0]?.body.MessageAttributes).not.toHaveProperty("tenant");
});

it.each([
  ["AccessDenied", 403],
  ["AccessDeniedException", 400],
  ["QueueDoesNotExist", 400],
  ["ExpiredToken", 403],
])("%s stops the run: every other message would fail, too", async (type, status) => {
  const { queueUrl } = await startQueue({ status, body: { __type: `com.amazonaws.sqs#${type}`, message: "No." } });
  const sending = createQueueSender({ queueUrl })(ITEMS, never);
  await expect(sending).rejects.toThrow(StopError);
  await expect(sending).rejects.toThrow(/do your AWS credentials allow sqs:SendMessage\?$/);
});

it("a message that the queue rejects fails alone", async () => {
  const body = { __type: "com.amazonaws.sqs#InvalidMessageContents", message: "Not these characters." };
  const { queueUrl } = await startQueue({ status: 400, body });
  const reason = "SQS: InvalidMessageContents: Not these characters.";
  expect(await createQueueSender({ queueUrl })(ITEMS, never)).toEqual(
    ["a", "b"].map((id) => ({ id, status: "failed", reason })),
  );
});

it("a message in flight is aborted by the signal", async () => {
  const { queueUrl } = await startQueue({ status: 200, body: {} });
  const sending = createQueueSender({ queueUrl })(ITEMS, AbortSignal.abort(new Error("enough")));
  await expect(sending).rejects.toThrow("enough");
});
