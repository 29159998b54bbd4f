import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type SimulatedStream, simulatedRuntime, simulateStream } from "../support/lambda-stream.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { attribute, type OtlpSpan, spansOf } from "../support/otlp.ts";
import { startReceiver } from "../support/otlp-receiver.ts";
import { RuntimeApi } from "../tools/lambda/runtime-api.ts";
import { invocation, invoke } from "./_lambda.ts";

const WORDS = 50;
const DOCUMENT = { id: "bees", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." };
/** A question with a long answer. */
const LONG = "How do bees dance, step by step?";
const ANSWER = `${"Buzz ".repeat(WORDS - 1)}dance [1].`;

let openai: OpenAIServer;
let query: typeof import("../../functions/query.ts");
const spans: OtlpSpan[] = [];
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-rag-stream-"));
  openai = await startOpenAIServer({
    chat: ({ messages }) => ({ content: messages.at(-1)?.content.includes(LONG) ? "Buzz ".repeat(5_000) : ANSWER }),
    tokenDelayMs: 10,
  });
  const collector = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics() {},
  });
  if (!collector) throw new Error("no free port");
  // Without an extension each invocation has sent its telemetry when it is over.
  const api = new RuntimeApi({ onResponse() {}, onIdle() {}, onInitError() {} }, { refusesExtensions: true });
  ends.push(
    () => openai.close(),
    () => collector.close(),
    () => api.close(),
    () => rm(dataDir, { recursive: true, force: true }),
  );
  Object.assign(process.env, {
    AWS_LAMBDA_FUNCTION_NAME: "edge-rag",
    AWS_LAMBDA_RUNTIME_API: await api.listen(),
    RAG_EMBEDDED: "true",
    RAG_PUBLIC: "true",
    RAG_DATA_DIR: dataDir,
    OPENAI_BASE_URL: openai.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  const { handler } = await import("../../functions/embed.ts");
  await invoke(handler, "POST", "/embed", { documents: [DOCUMENT] });
  Object.assign(globalThis, { awslambda: simulatedRuntime });
  query = await import("../../functions/query.ts");
});
afterAll(async () => {
  for (const end of ends) await end();
});

/** Sends a streaming query; settles when the invocation is over. */
async function ask(stream: SimulatedStream, question = "How do bees dance?", leftMs?: number) {
  const [event, context] = invocation("POST", "/query", { question, stream: true }, {}, leftMs);
  await query.stream?.(event, stream as unknown as awslambda.HttpResponseStream, context);
  const trace = spans.filter(({ traceId }) => stream.body.includes(traceId));
  return { trace, chat: openai.requests.findLast(({ endpoint }) => endpoint === "chat") };
}

function eventsIn(body: string): [name: string, data: Record<string, unknown>][] {
  return Array.from(body.matchAll(/event: (\w+)\ndata: (.*)\n\n/g), ([, name = "", data = ""]) => [
    name,
    JSON.parse(data),
  ]);
}

test("an answer is sent as the model generates it, and its trace once it is complete", async () => {
  let firstDeltaAt = 0;
  const stream = simulateStream(({ body }) => {
    if (body.includes("event: delta")) firstDeltaAt ||= performance.now();
  });
  const { trace, chat } = await ask(stream);
  expect(stream.head).toMatchObject({ statusCode: 200, headers: { "content-type": "text/event-stream" } });
  const events = eventsIn(stream.body);
  const deltas = events.filter(([name]) => name === "delta").map(([, { text }]) => text);
  expect(events.map(([name]) => name)).toEqual(["citations", ...deltas.map(() => "delta"), "done"]);
  expect(deltas.length).toBeGreaterThan(WORDS / 2);
  expect(deltas.join("")).toBe(ANSWER);
  expect(events.at(-1)?.[1]).toMatchObject({ answer: ANSWER, usage: { completion_tokens: WORDS + 1 } });
  expect(firstDeltaAt).toBeLessThan(chat?.endedAt ?? 0);
  const generation = trace.find(({ name }) => name === "rag.llm_generation");
  expect(generation && attribute(generation, "gen_ai.response.time_to_first_chunk")).toBeGreaterThan(0);
  expect(trace.map(({ name }) => name)).toContain("POST /query");
});

test("a caller that disconnects aborts the model's call, and the spans have error.type abandoned", async () => {
  const stream = simulateStream((stream) => {
    if (stream.body.includes("event: delta")) stream.destroy();
  });
  const { trace, chat } = await ask(stream, LONG);
  await vi.waitFor(() => expect(chat?.aborted).toBe(true));
  for (const name of ["rag.llm_generation", "rag.query"]) {
    const span = trace.find((span) => span.name === name);
    expect([name, span && attribute(span, "error.type")]).toEqual([name, "abandoned"]);
  }
});

test("an answer that is not complete at its deadline ends with an error event, and the model's call is aborted", async () => {
  const stream = simulateStream();
  const { trace, chat } = await ask(stream, LONG, 2_000);
  const events = eventsIn(stream.body);
  expect(events[1]?.[0]).toBe("delta");
  expect(events.at(-1)).toMatchObject(["error", { status: 503, stage: "llm_generation" }]);
  expect(stream.writableFinished).toBe(true);
  await vi.waitFor(() => expect(chat?.aborted).toBe(true));
  const generation = trace.find(({ name }) => name === "rag.llm_generation");
  expect(generation && attribute(generation, "error.type")).toBe("timeout");
});

test("the streaming handler also sends error responses, and rejects an event that it cannot answer as a stream", async () => {
  const [event, context] = invocation("POST", "/query", { stream: true });
  const rejected = simulateStream();
  await query.stream?.(event, rejected as unknown as awslambda.HttpResponseStream, context);
  expect(rejected.head).toMatchObject({ statusCode: 400, headers: { "content-type": "application/problem+json" } });
  expect(JSON.parse(rejected.body)).toMatchObject({ stage: "validation" });
  for (const odd of [{}, { ...event, requestContext: { ...event.requestContext, elb: {} } }]) {
    const stream = simulateStream();
    const invoked = Promise.resolve(query.stream?.(odd as never, stream as never, context));
    await expect(invoked).rejects.toThrow(/accepts only .* a function URL or an API Gateway REST API/);
    expect(stream.head).toBeUndefined();
  }
});

test("the buffering handler returns JSON, and buffers a streamed answer", async () => {
  const question = "How do bees dance?";
  expect((await invoke(query.handler, "POST", "/query", { question })).body).toMatchObject({ answer: ANSWER });
  const { headers = {}, body = "" } = await query.handler(...invocation("POST", "/query", { question, stream: true }));
  expect(headers["content-type"]).toBe("text/event-stream");
  expect(eventsIn(body).at(-1)).toMatchObject(["done", { answer: ANSWER }]);
});

test("there is no streaming handler when the runtime cannot stream", async () => {
  vi.resetModules();
  Reflect.deleteProperty(globalThis, "awslambda");
  const { handler, stream } = await import("../../functions/query.ts");
  expect(handler).toBeTypeOf("function");
  expect(stream).toBeUndefined();
});
