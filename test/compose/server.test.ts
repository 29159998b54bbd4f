import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { NODE, startAppServer } from "../functions/_server.ts";
import { openConnection } from "../http/node/_raw.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { attribute, metricsOf, type OtlpMetric, type OtlpSpan, spansOf } from "../support/otlp.ts";
import { startReceiver } from "../support/otlp-receiver.ts";
import type { Server } from "../support/server-process.ts";

const DOCUMENT = { id: "bees", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." };
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

let openai: OpenAIServer;
let server: Server;
/** Folder of the data of other servers. */
let data: string;
const spans: OtlpSpan[] = [];
const metrics: OtlpMetric[] = [];
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "edge-rag-server-"));
  openai = await startOpenAIServer({
    chat: ({ messages }) => ({ content: "Buzz ".repeat(messages.at(-1)?.content.includes("long") ? 5_000 : 20) }),
    tokenDelayMs: 10,
  });
  const collector = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics: (payload) => metrics.push(...metricsOf(payload)),
  });
  ends.push(
    () => rm(data, { recursive: true, force: true }),
    () => openai.close(),
    () => collector?.close(),
  );
  server = await startAppServer(NODE, {
    OPENAI_BASE_URL: openai.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector?.url ?? "",
  });
  ends.push(() => server.stop());
  expect((await post("/embed", { documents: [DOCUMENT] })).status).toBe(200);
}, 60_000);
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

function post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = { "content-type": "application/json", ...init.headers };
  return fetch(`${server.url}${path}`, { method: "POST", body: JSON.stringify(body), ...init, headers });
}

/** Runs the server with settings with which it ends by itself. */
async function failing(settings: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const env = { PATH: process.env.PATH, OTEL_ENABLED: "false", ...settings };
  const child = spawn(process.execPath, ["functions/server.ts"], { env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  return { code, stderr: stderr.replaceAll(/^\(.*\n/gm, "") };
}

test("a server that cannot start says why, and ends with 1", async () => {
  const port = String(server.port);
  const inUse = `edge-rag: PORT: ${port} of 127.0.0.1 is in use. Stop the process that uses it, or set another port.\n`;
  const services = { OPENAI_BASE_URL: openai.url, RAG_DATA_DIR: `${data}/first` };
  const refused = "edge-rag: RAG_API_KEYS: must be set when HOST is not this machine alone";
  const [taken, open, elsewhere, noFolder] = await Promise.all([
    failing({ PORT: port, ...services }),
    failing({ HOST: "0.0.0.0" }),
    failing({ HOST: "192.0.2.1", RAG_PUBLIC: "true", PORT: "0", ...services }),
    failing({ ...services, RAG_DATA_DIR: "/dev/null/data" }),
  ]);
  expect(taken).toEqual({ code: 1, stderr: inUse });
  expect(open).toEqual({ code: 1, stderr: expect.stringContaining(refused) });
  expect(elsewhere.stderr).toMatch(/^edge-rag: HOST: 192\.0\.2\.1 is no address of this machine\./);
  expect(noFolder.stderr).toMatch(/^edge-rag: The embedded store \/dev\/null\/data\/store\.db cannot be opened/);
});

test("an answer comes before its trace, which is the caller's and names no function", async () => {
  const response = await post("/query", { question: "How?" }, { headers: { traceparent: TRACEPARENT } });
  const body = (await response.json()) as { trace_id: string };
  const ofTrace = () => spans.filter(({ traceId }) => traceId === body.trace_id);
  expect(ofTrace()).toEqual([]);
  await vi.waitFor(() => expect(ofTrace().length).toBeGreaterThan(4), 5_000);
  const root = ofTrace().find(({ name }) => name === "POST /query");
  expect(root?.parentSpanId).toBe("00f067aa0ba902b7");
  expect(root?.attributes?.map(({ key }) => key).filter((key) => key.startsWith("faas."))).toEqual([]);
  await vi.waitFor(() => expect(metrics.map(({ name }) => name)).toContain("rag_query_duration_seconds"), 5_000);
  expect(metrics.map(({ name }) => name).filter((name) => name.startsWith("faas."))).toEqual([]);
});

test("a reader that goes stops the model", async () => {
  const reading = new AbortController();
  const { body } = await post("/query", { question: "A long one?", stream: true }, { signal: reading.signal });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; !text.includes("event: delta"); ) text += (await reader?.read())?.value ?? "";
  reading.abort();
  const chat = openai.requests.findLast(({ endpoint }) => endpoint === "chat");
  await vi.waitFor(() => expect(chat?.aborted).toBe(true));
  const ended = () => spans.find((span) => span.name === "rag.llm_generation" && attribute(span, "error.type"));
  await vi.waitFor(() => expect(ended() && attribute(ended() as OtlpSpan, "error.type")).toBe("abandoned"), 5_000);
});

test("SIGTERM: the answers in flight are completed and their telemetry is sent", async () => {
  const { body } = await post("/query", { question: "How?", stream: true });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value: first = "" } = (await reader?.read()) ?? {};
  const stopped = server.stop();
  let text = first;
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) text += chunk.value;
  expect(text).toContain("event: done");
  await stopped;
  expect(server.output()).toContain("SIGTERM: answering the requests in flight");
  const [, traceId] = /"trace_id":"(\w+)"/.exec(text) ?? [];
  expect(spans.filter((span) => span.traceId === traceId).map(({ name }) => name)).toContain("POST /query");
});

test("a second SIGTERM ends the server at once", async () => {
  const child = spawn(process.execPath, ["functions/server.ts"], {
    env: {
      ...{ PATH: process.env.PATH, PORT: "0", OTEL_ENABLED: "false" },
      ...{ OPENAI_BASE_URL: openai.url, RAG_DATA_DIR: `${data}/second` },
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  const [url = ""] = /http:\/\/[\d.:]+/.exec(line) ?? [];
  const connection = await openConnection(url);
  connection.send("POST /query HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n");
  // The server has seen the request when it has answered a later one.
  await fetch(`${url}/health`);
  child.kill("SIGTERM");
  await expect.poll(() => fetch(`${url}/health`).catch(() => "refused"), { timeout: 10_000 }).toBe("refused");
  expect(child.exitCode).toBeNull();
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([143, null]);
  await connection.closed;
});
