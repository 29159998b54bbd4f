import { expect, test, vi } from "vitest";
import { attribute } from "../support/otlp.ts";
import { startWorkerd } from "./_workerd.ts";

const QUEUES = {
  queueProducers: { INGEST: "ingest", DEAD: "dead" },
  queueConsumers: { ingest: { maxBatchSize: 10, maxBatchTimeout: 0.1, maxRetries: 1, deadLetterQueue: "dead" } },
};
const SENDER = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const bees = (id: string) => ({ id, title: "Bees", text: `Bees of ${id} tell each other where flowers are.` });

test("the worker stores the documents of a queue's messages, and asks for those that fail again", async () => {
  const { miniflare, lines, qdrant, spans, send } = await startWorkerd({ options: QUEUES });
  const queue = await miniflare.getQueueProducer("INGEST");
  qdrant.script = ({ text }) => (text.includes("failing") ? { status: 400, body: "{}" } : undefined);
  const traceparent = `00-${SENDER.traceId}-${SENDER.spanId}-01`;
  await queue.send({ documents: [bees("one"), bees("two")], traceparent });
  await queue.send(JSON.stringify({ documents: [bees("three")] }), { contentType: "text" });
  await queue.send({ documents: [bees("failing")] });
  await queue.send({ documents: [{ id: "x" }] });

  const processed = () => lines.filter(({ message }) => String(message).startsWith("process ingest"));
  await vi.waitFor(() => expect(processed()).toHaveLength(6), { timeout: 20_000, interval: 100 });
  expect(processed().map(({ message, deliveries, retry }) => [message, deliveries, retry])).toEqual(
    expect.arrayContaining([
      ["process ingest done", 1, undefined],
      ["process ingest failed", 1, "may succeed"],
      ["process ingest failed", 2, "may succeed"],
      ["process ingest failed", 1, "not retryable: fix the message and send it again"],
      ["process ingest failed", 2, "not retryable: fix the message and send it again"],
    ]),
  );
  const { documents } = (await (await send("GET /embed")).json()) as { documents: { id: string }[] };
  expect(documents.map(({ id }) => id).toSorted()).toEqual(["one", "three", "two"]);

  const consumed = () => spans.filter(({ name }) => name === "process ingest");
  await vi.waitFor(() => expect(consumed()).toHaveLength(6), 10_000);
  const first = consumed().find((span) => "links" in span);
  expect(first).toMatchObject({ links: [SENDER] });
  expect(first && attribute(first, "messaging.system.name")).toBe("cloudflare.queues");
  expect(first && attribute(first, "faas.trigger")).toBe("pubsub");
});

test("with API keys, a message names the tenant that owns its documents", async () => {
  const key = "erag_test";
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key))).toString("hex");
  const variables = { RAG_PUBLIC: "false", RAG_API_KEYS: `alice:${hash}` };
  const { miniflare, lines, send } = await startWorkerd({ options: QUEUES, variables });
  const queue = await miniflare.getQueueProducer("INGEST");
  await queue.send({ documents: [bees("hers")], tenant: "alice" });
  await queue.send({ documents: [bees("nobody's")] });
  await vi.waitFor(
    () => expect(lines.filter(({ message }) => message === "process ingest done")).toHaveLength(1),
    10_000,
  );
  const response = await send("GET /embed", undefined, { authorization: `Bearer ${key}` });
  expect(await response.json()).toMatchObject({ documents: [{ id: "hers" }] });
  const failed = lines.find(({ message }) => message === "process ingest failed");
  expect(failed).toMatchObject({ reason: "The message's tenant is missing: set it to the documents' owner." });
});
