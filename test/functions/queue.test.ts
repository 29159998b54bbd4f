import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { attribute, metricsOf, type OtlpMetric, type OtlpSpan, spansOf } from "../support/otlp.ts";
import { type Receiver, startReceiver } from "../support/otlp-receiver.ts";
import { deliver, QUEUE, sqsEvent } from "../support/sqs-event.ts";
import { invoke } from "./_lambda.ts";

const CANARY = "canary4711";
const SENDER = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const traceparent = `00-${SENDER.traceId}-${SENDER.spanId}-01`;
const bees = (id = "bees") => ({
  documents: [{ id, text: `Bees of ${id} tell each other where flowers are by a waggle dance.` }],
});

let dataDir: string;
let collector: Receiver;
const spans: (OtlpSpan & { links?: { traceId: string; spanId: string }[] })[] = [];
const metrics: OtlpMetric[] = [];
const lines: string[] = [];
let embed: typeof import("../../functions/embed.ts").handler;
let query: typeof import("../../functions/query.ts").handler;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "edge-rag-queue-"));
  const receiver = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics: (payload) => metrics.push(...metricsOf(payload)),
  });
  if (!receiver) throw new Error("no free port");
  collector = receiver;
  Object.assign(process.env, { RAG_DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  [{ handler: embed }, { handler: query }] = await Promise.all([
    import("../../functions/embed.ts"),
    import("../../functions/query.ts"),
  ]);
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    lines.push(...String(chunk).trim().split("\n"));
    return true;
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  collector.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** The log lines since the last call. */
function logged(): Record<string, unknown>[] {
  return lines.splice(0).map((line) => JSON.parse(line));
}

async function traceOf(traceId: unknown): Promise<typeof spans> {
  await expect.poll(() => spans.filter((span) => span.traceId === traceId && !span.parentSpanId)).toHaveLength(1);
  return spans.filter((span) => span.traceId === traceId);
}

describe("the embed function, as a queue consumer", () => {
  it("stores the documents of a message, in its own trace that links to the sender's", async () => {
    expect(await deliver(embed, sqsEvent({ id: "m-1", body: bees(), attributes: { traceparent } }))).toEqual([]);
    const [line] = logged();
    expect(line).toMatchObject({
      level: "INFO",
      message: `process ${QUEUE} done`,
      message_id: "m-1",
      deliveries: 1,
      cold_start: true,
    });
    const trace = await traceOf(line?.trace_id);
    expect(trace.map(({ name }) => name).toSorted()).toEqual(
      [`process ${QUEUE}`, "rag.chunk", "rag.embedding", "rag.ingest", "rag.upsert"].toSorted(),
    );
    expect(trace.find(({ name }) => name.startsWith("process"))?.links).toMatchObject([SENDER]);
    const { body } = await invoke(query, "POST", "/query", { question: "How do bees tell where flowers are?" });
    expect(body.citations[0]).toMatchObject({ document_id: "bees" });
    logged();
  });

  it("embeds nothing for a redelivered message", async () => {
    expect(await deliver(embed, sqsEvent({ body: bees(), deliveries: 2 }))).toEqual([]);
    const trace = await traceOf(logged()[0]?.trace_id);
    expect(trace.map(({ name }) => name)).not.toContain("rag.embedding");
    const ingest = trace.find(({ name }) => name === "rag.ingest");
    expect(ingest && attribute(ingest, "chunks.unchanged")).toBe(1);
  });

  it("fails invalid messages, logs why, and processes the others", async () => {
    const failed = await deliver(
      embed,
      sqsEvent(
        { id: "no-json", body: `{"${CANARY}` },
        { id: "fine", body: bees("hive") },
        { id: "invalid", body: { documents: [{ id: CANARY, text: " ", [CANARY]: CANARY }] } },
        { id: "tenant", body: bees(CANARY), attributes: { tenant: CANARY, traceparent: CANARY } },
      ),
    );
    expect(failed).toEqual(["no-json", "invalid", "tenant"]);
    const entries = logged();
    expect(JSON.stringify(entries)).not.toContain(CANARY);
    const about = { level: "ERROR", stage: "validation", retry: "not retryable: fix the message and send it again" };
    expect(entries).toMatchObject([
      { ...about, message_id: "no-json", reason: "The body is not valid JSON." },
      { level: "INFO", message_id: "fine" },
      {
        ...about,
        message_id: "invalid",
        reason: "The body failed validation.",
        errors: [
          { path: "/documents/0/text", message: "must not be blank" },
          { path: "/documents/0/*", message: "unknown field" },
        ],
      },
      { ...about, message_id: "tenant", reason: expect.stringContaining("there are no tenants") },
    ]);
    const trace = await traceOf(entries[0]?.trace_id);
    expect(trace.map((span) => attribute(span, "error.type"))).toEqual(["invalid_message"]);
    expect(JSON.stringify([spans, metrics])).not.toContain(CANARY);
  });

  it("counts messages separately from requests", async () => {
    const counted = () => {
      const counts: Record<string, number> = {};
      for (const { name, sum } of metrics) {
        if (name !== "messaging.client.consumed.messages") continue;
        for (const point of sum?.dataPoints ?? []) {
          const outcome = String(attribute(point, "error.type") ?? "processed");
          counts[outcome] = (counts[outcome] ?? 0) + Number(point.asInt ?? point.asDouble);
        }
      }
      return counts;
    };
    await expect.poll(counted).toEqual({ processed: 3, invalid_message: 3 });
    const routes = () =>
      metrics
        .filter(({ name }) => name === "http.server.request.duration")
        .flatMap(({ histogram }) => histogram?.dataPoints ?? [])
        .map((point) => attribute(point, "http.route"));
    await expect.poll(() => new Set(routes())).toEqual(new Set(["/query"]));
  });

  it("fails all messages while the store is down, and processes them once it is up", async () => {
    const store = new DatabaseSync(join(dataDir, "store.db"));
    store.exec("ALTER TABLE documents RENAME TO away");
    expect(await deliver(embed, sqsEvent({ id: "a", body: bees("a") }, { id: "b", body: bees("b") }))).toEqual([
      "a",
      "b",
    ]);
    expect(logged()).toMatchObject([{ stage: "upsert", retry: "may succeed" }, { message_id: "b" }]);
    store.exec("ALTER TABLE away RENAME TO documents");
    store.close();
    expect(
      await deliver(embed, sqsEvent({ body: bees("a"), deliveries: 2 }, { body: bees("b"), deliveries: 2 })),
    ).toEqual([]);
  });

  it("is the only consumer: the other functions reject messages, which a success would delete", async () => {
    logged();
    await expect(deliver(query, sqsEvent({ body: bees() }))).rejects.toThrow(
      /received records of aws:sqs, and accepts/,
    );
    expect(logged()).toMatchObject([{ level: "ERROR", message: "unsupported event", received: "records of aws:sqs" }]);
  });
});
