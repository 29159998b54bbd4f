import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeArtifact } from "#deploy/bundle/artifacts.ts";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { unzip } from "../deploy/stack/_unzip.ts";
import { attribute } from "../support/otlp.ts";
import { Environment, type Invocation } from "../tools/lambda/environment.ts";
import { DOCUMENTS, QUESTION } from "../tools/lambda/events.ts";
import { FaultyCollector } from "../tools/lambda/faulty-collector.ts";
import { aimed, NOT_JSON, REFUSALS, REQUESTS, readPayloads } from "./_payloads.ts";

const HANDLERS = ["query.handler", "query.stream", "embed.handler", "health.handler"] as const;
type Handler = (typeof HANDLERS)[number];

let folder: string;
let dataDir: string;
let collector: FaultyCollector;
const payloads = readPayloads();
const environments = new Map<Handler, Environment>();

beforeAll(async () => {
  execFileSync(process.execPath, [join(ROOT, "test/tools/lambda/setup.ts")], { stdio: "pipe" });
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".bundle/events-"));
  dataDir = mkdtempSync(join(tmpdir(), "edge-rag-events-"));
  collector = await FaultyCollector.start();
  execFileSync(process.execPath, [join(ROOT, "test/tools/lambda/seed.ts")], {
    env: { PATH: process.env.PATH, RAG_DATA_DIR: dataDir },
  });
  const env = { RAG_EMBEDDED: "true", RAG_PUBLIC: "true", RAG_DATA_DIR: dataDir };
  for (const handler of HANDLERS) {
    const taskRoot = await unpacked(`functions/${handler}`);
    const options = { taskRoot, handler: `functions/${handler}`, readsLog: true, timeoutMs: 20_000 };
    const started = Environment.start({ ...options, env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
    environments.set(handler, await started);
  }
  // Building the runtime client takes minutes, the first time.
}, 600_000);
afterAll(async () => {
  for (const environment of environments.values()) await environment.kill();
  await collector?.close();
  for (const path of [folder, dataDir]) if (path) rmSync(path, { recursive: true, force: true });
});

/** Unpacks the zip file that is deployed for a handler, with the embedded parts, in place of services. */
async function unpacked(handler: string): Promise<string> {
  const { path } = await makeArtifact(handler, folder.slice(ROOT.length), { embedded: true });
  const taskRoot = join(folder, handler.replaceAll(/\W/g, "-"));
  for (const [name, content] of unzip(readFileSync(join(ROOT, path)))) {
    mkdirSync(dirname(join(taskRoot, name)), { recursive: true });
    writeFileSync(join(taskRoot, name), content);
  }
  return taskRoot;
}

// biome-ignore lint/suspicious/noExplicitAny: a response's shape is what the tests are about
type Answer = Invocation & { body: any };

async function send(handler: Handler, event: unknown): Promise<Answer> {
  const environment = environmentOf(handler);
  const answer = await environment.invoke(event);
  expect(await answer.settled).toBe("frozen");
  return answer as Answer;
}

function environmentOf(handler: Handler): Environment {
  const environment = environments.get(handler);
  if (!environment) throw new Error(`${handler} has not started`);
  return environment;
}

/** The line about an invocation in the function's log, which is read with a delay. */
function logged(handler: Handler, { requestId }: Invocation): Promise<Record<string, unknown>> {
  return vi.waitFor(() => {
    const lines = environmentOf(handler).log.filter((line) => line.startsWith("{") && line.includes(requestId));
    const found = lines.map((line) => JSON.parse(line)).find((line) => line.function_request_id === requestId);
    expect(found).toBeDefined();
    return found;
  }, 10_000);
}

async function expectRefusal(handler: Handler, event: unknown, received: string): Promise<void> {
  const answer = await send(handler, event);
  expect(answer).toMatchObject({ outcome: "error", body: { errorType: "UnsupportedEventError" } });
  const { errorMessage } = answer.body;
  expect(errorMessage).toContain(`received ${received}, and accepts only HTTP requests of `);
  const line = await logged(handler, answer);
  expect(line).toMatchObject({ level: "ERROR", message: "unsupported event", received });
  expect(line.trace_id).toMatch(/^[\da-f]{32}$/);
  expect(errorMessage).toContain(`trace_id ${line.trace_id}.`);
}

const request = {
  "query.handler": ["POST", "/query", { question: QUESTION }],
  "query.stream": ["POST", "/query", { question: QUESTION, stream: true }],
  "embed.handler": ["POST", "/embed", { documents: DOCUMENTS }],
  "health.handler": ["GET", "/health", undefined],
} as const;

test("every payload of AWS's is classified: as a request, or as an event that is refused", () => {
  const classified = [...Object.keys(REQUESTS), ...REFUSALS.keys(), NOT_JSON];
  expect([...payloads.keys()].toSorted()).toEqual(classified.toSorted());
  expect(() => JSON.parse(payloads.get(NOT_JSON) ?? "null")).toThrow(SyntaxError);
});

describe.each(HANDLERS)("%s, from its zip file,", (handler) => {
  const [method, path, body] = request[handler];

  test.each(Object.entries(REQUESTS))("answers %s (%s) in the format of its source", async (file, format) => {
    const payload = payloads.get(file) ?? "";
    if (handler === "query.stream" && format === "load balancer") {
      await expectRefusal(handler, JSON.parse(payload), "a request of an Application Load Balancer");
      return;
    }
    const asIs = await send(handler, JSON.parse(payload));
    expect(asIs).toMatchObject({ outcome: "response", body: { statusCode: 404 } });
    expect(JSON.parse(asIs.body.body)).toMatchObject({ trace_id: (await logged(handler, asIs)).trace_id });

    const event = aimed(payload, format, method, path, body);
    const { outcome, body: result, requestId } = await send(handler, event);
    expect({ outcome, ...result }).toMatchObject({ outcome: "response", statusCode: 200 });
    const isMultiValue = format === "load balancer" && "multiValueHeaders" in event;
    const { [isMultiValue ? "multiValueHeaders" : "headers"]: headers } = result;
    const type = handler === "query.stream" ? "text/event-stream" : "application/json";
    expect([headers["content-type"]].flat()).toEqual([expect.stringContaining(type)]);
    expect(result.statusDescription).toBe(format === "load balancer" ? "200 OK" : undefined);
    expect(result.isBase64Encoded).toBe(handler === "query.stream" ? undefined : false);
    if (path === "/query") expect(result.body).toContain('"document_id":"bees"');

    const server = collector.ledger.roots().find((span) => attribute(span, "faas.invocation.id") === requestId);
    if (!server) throw new Error("the request has no span");
    expect(server.name).toBe(`${method} ${path}`);
    expect(attribute(server, "faas.trigger")).toBe("http");
    expect(attribute(server, "url.path")).toBe(path);
    expect(attribute(server, "url.scheme")).toBe(format === "load balancer" ? "http" : "https");
  });

  test("refuses every other payload with one clear error, which is in the log", async () => {
    for (const [file, received] of REFUSALS) {
      if (handler === "embed.handler" && file === "sqs-event") continue;
      await expectRefusal(handler, JSON.parse(payloads.get(file) ?? ""), received);
    }
  });

  test("refuses what a console or a script may send, and goes on", async () => {
    await expectRefusal(handler, { key1: "value1", key2: "value2" }, "an object of no known format");
    await expectRefusal(handler, {}, "an empty object");
    await expectRefusal(handler, "text", "a string");
    await expectRefusal(handler, [], "an array");
    await expectRefusal(handler, null, "null");
    const event = aimed(payloads.get("lambda-urls-request") ?? "", "2.0", method, path, body);
    expect((await send(handler, event)).body.statusCode).toBe(200);
    expect(environmentOf(handler).uncaught).toEqual([]);
    expect(environmentOf(handler).exit).toBeUndefined();
  });
});

test("embed consumes messages of SQS, and reports one that is no document as failed", async () => {
  const event = JSON.parse(payloads.get("sqs-event") ?? "");
  const { outcome, body } = await send("embed.handler", event);
  const batchItemFailures = [{ itemIdentifier: event.Records[0].messageId }];
  expect({ outcome, body }).toEqual({ outcome: "response", body: { batchItemFailures } });
});
