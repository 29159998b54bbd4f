import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readServerEvents, type ServerEvent } from "#console/page/ask/server-events.ts";
import { ingestDocuments } from "../../local-stack/dev/ingest.ts";
import { createStreamServer } from "../../local-stack/dev/stream-server.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { type OtlpSpan, spansOf } from "../support/otlp.ts";
import { type Receiver, startReceiver } from "../support/otlp-receiver.ts";

const DOCUMENT = { id: "bees", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." };
const WORDS = 40;
const MODULE = pathToFileURL(join(import.meta.dirname, "../../local-stack/dev/stream-server.ts"));

let openai: OpenAIServer;
let receiver: Receiver | undefined;
let dataDir: string;
let port: number | undefined;
const spans: OtlpSpan[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "edge-rag-stream-server-"));
  openai = await startOpenAIServer({ chat: () => ({ content: `${"Buzz ".repeat(WORDS)}[1].` }), tokenDelayMs: 25 });
  receiver = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics() {},
  });
  await ingestDocuments(dataDir, [DOCUMENT], () => {}, 1);
  Object.assign(process.env, {
    RAG_DATA_DIR: dataDir,
    OPENAI_CHAT_BASE_URL: openai.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver?.url,
  });
  port = await createStreamServer()();
}, 120_000);
afterAll(async () => {
  await openai.close();
  receiver?.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function ask(onEvent: (event: ServerEvent) => unknown, init: RequestInit = {}): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/query`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ question: "How do bees tell each other where flowers are?" }),
    ...init,
  });
  expect(response.status).toBe(200);
  if (response.body) for await (const event of readServerEvents(response.body)) onEvent(event);
}

async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await delay(20);
}

/** Whether a process listens there. */
const isServed = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );

describe("the server of streamed answers", { timeout: 120_000 }, () => {
  it("sends the first words while the model is still writing, and the whole answer at the end", async () => {
    const seen: { event: string; isWriting: boolean }[] = [];
    await ask(({ event }) => seen.push({ event, isWriting: openai.requests.at(-1)?.endedAt === undefined }));
    expect(seen[0]?.event).toBe("citations");
    expect(seen.find(({ event }) => event === "delta")?.isWriting).toBe(true);
    expect(seen.at(-1)).toEqual({ event: "done", isWriting: false });
  });

  it("stops the model when the reader goes", async () => {
    const controller = new AbortController();
    await ask(({ event }) => event === "delta" && controller.abort(), { signal: controller.signal }).catch(() => {});
    await until(() => openai.requests.at(-1)?.endedAt !== undefined);
    expect(openai.requests.at(-1)?.aborted).toBe(true);
  });

  it("exports the trace of a streamed answer when it is over", async () => {
    let traceId = "";
    await ask(({ event, data }) => {
      if (event === "done") traceId = JSON.parse(data).trace_id;
    });
    const ofAnswer = () => spans.filter((span) => span.traceId === traceId).map(({ name }) => name);
    await until(() => ofAnswer().includes("POST /query"));
    expect(ofAnswer()).toContain("rag.query");
  });

  it("responds as the function does to what it refuses", async () => {
    const post = (body: string) =>
      fetch(`http://127.0.0.1:${port}/query?x=1`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body,
      });
    expect((await post("{")).status).toBe(400);
    expect((await post(JSON.stringify({ question: "q".repeat(8 * 1024 * 1024) }))).status).toBe(413);
  });

  it("has no port when the function does not start", async () => {
    process.env.OPENAI_TEMPERATURE = "hot";
    try {
      expect(await createStreamServer()()).toBeUndefined();
    } finally {
      delete process.env.OPENAI_TEMPERATURE;
    }
  });

  it("ends with the process that started it, however that ends", async () => {
    const program = `const { createStreamServer } = await import(${JSON.stringify(MODULE)});\nconsole.log("port", await createStreamServer()());`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program]);
    onTestFinished(() => void parent.kill("SIGKILL"));
    let output = "";
    parent.stdout.on("data", (data) => (output += data));
    await until(() => /port \d+/.test(output));
    const served = Number(/port (\d+)/.exec(output)?.[1]);
    expect(await isServed(served)).toBe(true);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    await until(async () => !(await isServed(served)));
  });
});
