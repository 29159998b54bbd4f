import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { type Listener, RuntimeApi } from "./runtime-api.ts";

const RUNTIME = "2018-06-01/runtime";
const EXTENSION = "2020-01-01/extension";
const DELIVERY = { requestId: "r1", event: { hello: 1 }, deadlineMs: 5, arn: "arn:f", traceId: "Root=1-2-3" };

/** A Runtime API with HTTP clients that act as runtime and extension, and a log of its callbacks. */
async function started(options = {}) {
  const log: string[] = [];
  const bodies: unknown[] = [];
  const listener: Listener = {
    onResponse(requestId, failed, body) {
      log.push(`${failed ? "error" : "response"} ${requestId} ${body}`);
      bodies.push(body);
    },
    onIdle: () => log.push("idle"),
    onInitError: () => log.push("init error"),
  };
  const api = new RuntimeApi(listener, options);
  onTestFinished(() => api.close());
  const base = `http://${await api.listen()}`;
  const call = (method: string, path: string, body?: unknown, headers = {}) =>
    fetch(`${base}/${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return {
    api,
    base,
    log,
    bodies,
    register: (events: string[], name = "telemetry") =>
      call("POST", `${EXTENSION}/register`, { events }, { "Lambda-Extension-Name": name }),
    extensionNext: (id: string) =>
      call("GET", `${EXTENSION}/event/next`, undefined, { "Lambda-Extension-Identifier": id }),
    runtimeNext: () => call("GET", `${RUNTIME}/invocation/next`),
    respond: (id: string, body: unknown) => call("POST", `${RUNTIME}/invocation/${id}/response`, body),
    settled: () => new Promise((resolve) => setTimeout(resolve, 30)),
  };
}

const idOf = (response: Response) => response.headers.get("lambda-extension-identifier") ?? "";

test("is idle, and freezes, only when both the runtime and the extension wait for the next event", async () => {
  const { api, log, register, runtimeNext, extensionNext, respond, settled } = await started();
  const id = idOf(await register(["INVOKE"]));
  const invocation = runtimeNext();
  await settled();
  expect(log).toEqual([]);
  const event = extensionNext(id);
  await settled();
  expect(log).toEqual(["idle"]);

  api.deliver(DELIVERY);
  expect(await (await event).json()).toEqual({
    eventType: "INVOKE",
    deadlineMs: 5,
    requestId: "r1",
    invokedFunctionArn: "arn:f",
    tracing: { type: "X-Amzn-Trace-Id", value: "Root=1-2-3" },
  });
  expect((await invocation).headers.get("lambda-runtime-deadline-ms")).toBe("5");
  expect(await (await invocation).json()).toEqual({ hello: 1 });

  expect((await respond("r1", "done")).status).toBe(202);
  runtimeNext().catch(() => {});
  await settled();
  expect(log).toEqual(["idle", "response r1 done"]);
  extensionNext(id).catch(() => {});
  await settled();
  expect(log).toEqual(["idle", "response r1 done", "idle"]);
});

/** Posts a response in chunks, as the runtime client does for a streaming handler. */
async function stream(url: string, chunks: (string | Uint8Array)[], trailers: Record<string, string> = {}) {
  const request = httpRequest(url, {
    method: "POST",
    headers: {
      "Lambda-Runtime-Function-Response-Mode": "streaming",
      "Content-Type": "application/vnd.awslambda.http-integration-response",
      Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    },
  });
  const responded = once(request, "response");
  for (const chunk of chunks) {
    request.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  request.addTrailers(trailers);
  request.end();
  const [response] = await responded;
  response.resume();
  return response.statusCode;
}

test("reads a streamed response: its status first, then each chunk as it arrives", async () => {
  const { api, base, bodies } = await started();
  const chunks = ['{"statusCode":201,"headers":{"a":"b"}}', new Uint8Array(8), "one ", "two"];
  expect(await stream(`${base}/${RUNTIME}/invocation/r1/response`, chunks)).toBe(202);
  expect(bodies).toMatchObject([{ statusCode: 201, headers: { a: "b" }, body: "one two", chunks: [{}, {}] }]);
  expect(api.marks.map(({ what }) => what)).toEqual(["streaming", "responded"]);
});

test("reports a streamed response with an error trailer as failed", async () => {
  const { base, log } = await started();
  const chunks = ['{"statusCode":200,"headers":{}}', new Uint8Array(8), "one "];
  await stream(`${base}/${RUNTIME}/invocation/r1/response`, chunks, { "Lambda-Runtime-Function-Error-Type": "Oops" });
  expect(log).toEqual(["error r1 [object Object]"]);
});

test("reports the error of a streaming handler that wrote nothing", async () => {
  const { base, log, bodies } = await started();
  const thrown = { errorType: "Oops", errorMessage: "no stream" };
  const body = Buffer.from(JSON.stringify(thrown)).toString("base64");
  const trailers = { "Lambda-Runtime-Function-Error-Type": "Oops", "Lambda-Runtime-Function-Error-Body": body };
  expect(await stream(`${base}/${RUNTIME}/invocation/r1/response`, [], trailers)).toBe(202);
  expect(log).toEqual(["error r1 [object Object]"]);
  expect(bodies).toEqual([{ error: "Oops", ...thrown }]);
});

test("rejects SHUTDOWN, an extension without a name and an unknown extension", async () => {
  const { register, extensionNext } = await started();
  expect((await register(["INVOKE", "SHUTDOWN"])).status).toBe(403);
  expect((await register(["INVOKE"], "")).status).toBe(403);
  expect((await extensionNext("unknown")).status).toBe(403);
});

test("rejects registration after the runtime's first next, or with refusesExtensions", async () => {
  const { register, runtimeNext, settled } = await started();
  runtimeNext().catch(() => {});
  await settled();
  expect(await (await register(["INVOKE"])).text()).toContain("Extension.RegistrationClosed");
  const refusing = await started({ refusesExtensions: true });
  expect((await refusing.register(["INVOKE"])).status).toBe(403);
  expect(refusing.api.hasExtension).toBe(false);
});

test("throws from deliver when the runtime is not waiting for an invocation", async () => {
  const { api } = await started();
  expect(() => api.deliver(DELIVERY)).toThrow("not waiting for an invocation");
});
