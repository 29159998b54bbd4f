import { request } from "node:http";
import { deflateSync, gzipSync } from "node:zlib";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { describe, expect, it } from "vitest";
import { startReceiver } from "#console/receiver/receiver.ts";
import { metricsOf, post, startRecording, tracesOf } from "./_receiver.ts";

const PROTOBUF = { "content-type": "application/x-protobuf" };
const MIB = 2 ** 20;

/** The message of a `google.rpc.Status` in Protobuf: field 2. */
async function statusMessage(response: Response): Promise<string> {
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes[0]).toBe(0x12);
  return bytes.subarray(2).toString();
}

/** Sends headers that fetch does not let a program set. */
function postWithHeaders(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const sent = request(url, { method: "POST", headers: { "content-type": "application/json", ...headers } });
  sent.on("response", (response) => resolve(response.resume().statusCode));
  sent.on("error", reject);
  sent.end("{}");
  return promise;
}

describe("a request", () => {
  it.each([
    ["as it is", {}, (body: string) => Buffer.from(body)],
    ["with gzip", { "content-encoding": "gzip" }, gzipSync],
    ["with deflate", { "content-encoding": "deflate" }, deflateSync],
  ])("is received %s", async (_how, headers, compress) => {
    const { url, spans } = await startRecording();
    const response = await post(`${url}/v1/traces`, compress(JSON.stringify(tracesOf({}))), headers);
    expect([response.status, response.headers.get("content-type"), await response.json()]).toEqual([
      200,
      "application/json",
      {},
    ]);
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([["GET /", "server"]]);
  });

  it("is answered on both addresses of localhost, and on a path with a query", async () => {
    const { port } = await startRecording();
    expect((await post(`http://127.0.0.1:${port}/v1/traces?x=1`, {})).status).toBe(200);
    expect((await post(`http://localhost:${port}/v1/metrics`, {})).status).toBe(200);
  });

  it("without anything in it is accepted, and hands nothing on", async () => {
    const { url, spans, metrics } = await startRecording();
    expect((await post(`${url}/v1/traces`, { resourceSpans: [] })).status).toBe(200);
    const protobuf = await post(`${url}/v1/metrics`, new Uint8Array(), PROTOBUF);
    expect([protobuf.status, protobuf.headers.get("content-type")]).toEqual([200, "application/x-protobuf"]);
    expect((await protobuf.arrayBuffer()).byteLength).toBe(0);
    expect([spans, metrics]).toEqual([[], []]);
  });
});

describe("a request is refused", () => {
  it.each([
    ["that is not JSON", "nonsense", "the body is not JSON"],
    ["that is no object", "[]", "the body must be an object"],
    ["whose list is none", '{"resourceSpans":{}}', "resourceSpans must be a list"],
    [
      "with a wrong type deep inside",
      JSON.stringify(tracesOf({}, { name: 5 })),
      "resourceSpans[0].scopeSpans[0].spans[1].name must be text",
    ],
    [
      "with a time that is none",
      JSON.stringify(tracesOf({ startTimeUnixNano: "soon" })),
      "resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano must be an integer",
    ],
  ])("%s with 400, saying where", async (_what, body, message) => {
    const { url } = await startRecording();
    const response = await post(`${url}/v1/traces`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringContaining(message) });
  });

  it("with a Status in Protobuf where the request was", async () => {
    const { url } = await startRecording();
    const response = await post(`${url}/v1/traces`, Buffer.from("\n\xffnonsense", "latin1"), PROTOBUF);
    expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/x-protobuf"]);
    expect(await statusMessage(response)).toContain("the body is not Protobuf");
  });

  it.each([
    ["an unknown Content-Type", { "content-type": "text/plain" }, 415, /application\/json or application\/x-protobuf/],
    ["an unknown Content-Encoding", { "content-encoding": "br" }, 415, /br is not supported/],
    ["the name of a property of every object", { "content-encoding": "constructor" }, 415, /is not supported/],
    ["a body that is not gzip", { "content-encoding": "gzip" }, 400, /the body is not gzip/],
    ["an Origin: it is a web page's", { origin: "https://example.com" }, 403, /not for web pages/],
  ])("with %s", async (_what, headers, status, message) => {
    const { url, spans } = await startRecording();
    const response = await post(`${url}/v1/traces`, tracesOf({}), headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ message: expect.stringMatching(message) });
    expect(spans).toEqual([]);
  });

  it("by a name that is not loopback's: a web page's that resolves to 127.0.0.1", async () => {
    const { url } = await startRecording();
    expect(await postWithHeaders(`${url}/v1/traces`, { host: "rebound.example.com:4318" })).toBe(403);
    expect(await postWithHeaders(`${url}/v1/traces`, { host: "localhost:4318" })).toBe(200);
  });

  it("when it does not POST, or to another path; logs are told how to stop", async () => {
    const { url } = await startRecording();
    const get = await fetch(`${url}/v1/traces`);
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await post(`${url}/v1/profiles`, {})).status).toBe(404);
    const logs = await post(`${url}/v1/logs`, {});
    expect([logs.status, await logs.json()]).toEqual([
      404,
      { message: expect.stringContaining("OTEL_LOGS_EXPORTER=none") },
    ]);
  });

  it.each([
    ["as sent", {}, () => Buffer.alloc(17 * MIB, " ")],
    ["once decompressed", { "content-encoding": "gzip" }, () => gzipSync(Buffer.alloc(64 * MIB, " "))],
    ["once inflated", { "content-encoding": "deflate" }, () => deflateSync(Buffer.alloc(64 * MIB, " "))],
  ])("with 413 when it is too large %s, and the next one is received", async (_when, headers, body) => {
    const { url, spans } = await startRecording();
    const response = await post(`${url}/v1/traces`, body(), headers);
    expect([response.status, await response.json()]).toEqual([
      413,
      { message: expect.stringContaining("larger than 16 MiB") },
    ]);
    expect((await post(`${url}/v1/traces`, tracesOf({}))).status).toBe(200);
    expect(spans).toHaveLength(1);
  });

  it("with 413 when it is sent in chunks and never ends", async () => {
    const { url } = await startRecording();
    const chunk = Buffer.alloc(MIB, " ");
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 40) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    expect((await fetch(`${url}/v1/traces`, init)).status).toBe(413);
  });

  it("with 400 when it is nested too deep, in both encodings", async () => {
    const { url } = await startRecording();
    const body = JSON.stringify(tracesOf({ attributes: [{ key: "deep", value: "HERE" }] }));
    const deep = '{"arrayValue":{"values":['.repeat(50_000) + "]}}".repeat(50_000);
    const json = await post(`${url}/v1/traces`, body.replace('"HERE"', deep));
    expect([json.status, await json.json()]).toEqual([400, { message: expect.stringContaining("nested more than") }]);

    let value: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 5_000; depth += 1) value = field(5, field(1, value));
    const attribute = field(9, field(2, value));
    const protobuf = await post(`${url}/v1/traces`, field(1, field(2, field(2, attribute))), PROTOBUF);
    expect([protobuf.status, await statusMessage(protobuf)]).toEqual([400, expect.stringContaining("max depth")]);
  });
});

/** A field of Protobuf whose value has a length. */
function field(number: number, value: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = value.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest > 127 ? (rest % 128) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), value]);
}

describe("a partial success", () => {
  it("counts the spans with invalid ids, keeps the others and says why", async () => {
    const { url, spans } = await startRecording();
    const body = tracesOf(
      { spanId: "eee19b7ec3c1b174" },
      { spanId: "0000000000000000" },
      { traceId: "W47/95gDgQPSabYzgT/GDA==" },
      { parentSpanId: "EEE19B7EC3C1B174", spanId: "EEE19B7EC3C1B175" },
      { parentSpanId: "0000000000000000", spanId: "eee19b7ec3c1b176" },
    );
    const response = await post(`${url}/v1/traces`, body);
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        partialSuccess: {
          rejectedSpans: "2",
          errorMessage: '2 spans were not kept; the first: "GET /": spanId must be 16 hexadecimal digits, not all zero',
        },
      },
    ]);
    expect(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId])).toEqual([
      ["eee19b7ec3c1b174", undefined],
      ["eee19b7ec3c1b175", "eee19b7ec3c1b174"],
      ["eee19b7ec3c1b176", undefined],
    ]);
  });

  it("is in Protobuf what the official deserializer reads", async () => {
    const { url } = await startRecording();
    const span = field(5, Buffer.from("no ids"));
    const response = await post(`${url}/v1/traces`, field(1, field(2, field(2, span))), PROTOBUF);
    expect(response.status).toBe(200);
    const read = ProtobufTraceSerializer.deserializeResponse(new Uint8Array(await response.arrayBuffer()));
    expect(read.partialSuccess).toEqual({ rejectedSpans: 1, errorMessage: expect.stringContaining("traceId must be") });
  });

  it.each([
    ["a sum of unknown temporality", { sum: { dataPoints: [{ asInt: "1" }, { asInt: "2" }] } }, "2"],
    ["a point without a value", { gauge: { dataPoints: [{}, { asDouble: 1 }] } }, "1"],
    [
      "a histogram whose counts do not fit its bounds",
      { histogram: { aggregationTemporality: 1, dataPoints: [{ explicitBounds: [1], bucketCounts: ["1"] }] } },
      "1",
    ],
  ])("counts %s", async (_what, data, rejectedDataPoints) => {
    const { url } = await startRecording();
    const response = await post(`${url}/v1/metrics`, metricsOf({ name: "requests", ...data }));
    expect(await response.json()).toEqual({
      partialSuccess: { rejectedDataPoints, errorMessage: expect.stringContaining('"requests"') },
    });
  });
});

it("responds with 500 when what takes the telemetry fails, and continues", async () => {
  let calls = 0;
  const { url } = await startRecording({
    onTraces() {
      calls += 1;
      if (calls === 1) throw new Error("no room");
    },
  });
  expect((await post(`${url}/v1/traces`, tracesOf({}))).status).toBe(500);
  expect((await post(`${url}/v1/traces`, tracesOf({}))).status).toBe(200);
});

it("returns undefined when the port is in use", async () => {
  const { port } = await startRecording();
  expect(await startReceiver(port, { onTraces() {}, onMetrics() {} })).toBeUndefined();
});
