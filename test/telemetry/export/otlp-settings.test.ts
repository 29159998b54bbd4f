import { describe, expect, it } from "vitest";
import { getMeter, getTracer } from "#telemetry/index.ts";
import { counterIn, exported, exportingTo, record, requestTo, startReceiver } from "../_otlp.ts";

const EXPORTERS = ["built-in", "opentelemetry"];

describe.each(EXPORTERS)("with the %s exporter", (RAG_OTLP_EXPORTER) => {
  const send = (env: Record<string, string>) => exported({ ...env, RAG_OTLP_EXPORTER });

  it("http/protobuf sends both signals as Protobuf, and http/json for one signal leaves the other", async () => {
    const requests = await send({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" });
    for (const path of ["/v1/traces", "/v1/metrics"]) {
      const { headers, body } = requestTo(requests, path);
      expect(headers["content-type"]).toBe("application/x-protobuf");
      // Field 1, length-delimited: resource_spans or resource_metrics.
      expect(body[0]).toBe(0x0a);
      expect(body.includes("mine")).toBe(true);
    }
    for (const [signal, other] of [
      ["TRACES", "metrics"],
      ["METRICS", "traces"],
    ] as const) {
      const mixed = await send({
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
        [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`]: "http/json",
      });
      const types = Object.fromEntries(mixed.map(({ path, headers }) => [path, headers["content-type"]]));
      expect(types[`/v1/${signal.toLowerCase()}`]).toBe("application/json");
      expect(types[`/v1/${other}`]).toBe("application/x-protobuf");
    }
  });

  it("sends headers with '=', spaces and percent-encoded characters; those of a signal replace the general ones", async () => {
    const requests = await send({
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer abc==,x-note=a%20b%2Cc, x-kept = kept ",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "Authorization=Bearer%20traces=,x-own=1",
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: "x-own=2",
    });
    expect(requestTo(requests, "/v1/traces").headers).toMatchObject({
      authorization: "Bearer traces=",
      "x-note": "a b,c",
      "x-kept": "kept",
      "x-own": "1",
    });
    expect(requestTo(requests, "/v1/metrics").headers).toMatchObject({
      authorization: "Bearer abc==",
      "x-note": "a b,c",
      "x-own": "2",
    });
  });

  it("compresses both signals or one", async () => {
    const encodings = async (env: Record<string, string>) =>
      Object.fromEntries((await send(env)).map(({ path, headers }) => [path, headers["content-encoding"]]));
    expect(await encodings({ OTEL_EXPORTER_OTLP_COMPRESSION: "GZIP" })).toEqual({
      "/v1/traces": "gzip",
      "/v1/metrics": "gzip",
    });
    expect(
      await encodings({ OTEL_EXPORTER_OTLP_COMPRESSION: "gzip", OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: "none" }),
    ).toEqual({ "/v1/traces": undefined, "/v1/metrics": "gzip" });
    expect(await encodings({ OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: "gzip" })).toEqual({
      "/v1/traces": undefined,
      "/v1/metrics": "gzip",
    });
  });

  it("uses a signal's endpoint as it is", async () => {
    const [traces, metrics] = [await startReceiver(), await startReceiver()];
    const { telemetry } = exportingTo(traces, {
      RAG_OTLP_EXPORTER,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${traces.url}/own/traces`,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${metrics.url}/`,
    });
    record();
    expect((await telemetry.flush(5_000)).ok).toBe(true);
    expect(traces.requests.map(({ path }) => path)).toEqual(["/own/traces"]);
    expect(metrics.requests.map(({ path }) => path)).toEqual(["/"]);
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "50", OTEL_EXPORTER_OTLP_TIMEOUT: "20000" }, "traces"],
    [{ OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "50" }, "metrics"],
  ])("a signal has its own time-out: %j", async (env, timedOut) => {
    const receiver = await startReceiver();
    receiver.answer = ({ path }, response) => void (path === `/v1/${timedOut}` || response.end());
    const { telemetry } = exportingTo(receiver, { ...env, RAG_OTLP_EXPORTER });
    record();
    const { errors } = await telemetry.flush(15_000);
    expect(errors).toEqual([expect.stringMatching(new RegExp(`^${timedOut}: (?:timeout|Error)$`))]);
  });

  it("counters are deltas by default, and sums since the start with the preference cumulative", async () => {
    const sums = async (env: Record<string, string>) => {
      const receiver = await startReceiver();
      const { telemetry } = exportingTo(receiver, { ...env, RAG_OTLP_EXPORTER, OTEL_TRACES_EXPORTER: "none" });
      const counter = getMeter("mine").createCounter("mine");
      for (const increment of [3, 4]) {
        counter.add(increment);
        await telemetry.flush(5_000);
        // Times have the resolution of a millisecond: the second one must be later than the start.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const sent = receiver.requests.map(counterIn);
      await telemetry.shutdown(500);
      return sent;
    };
    const preference = (value: string) => ({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: value });
    for (const env of [{}, preference("delta"), preference("LowMemory")]) {
      const deltas = await sums(env);
      expect(deltas.map(({ aggregationTemporality }) => aggregationTemporality)).toEqual([1, 1]);
      expect(deltas.map(({ dataPoints }) => dataPoints[0].asDouble)).toEqual([3, 4]);
    }
    const totals = await sums(preference("cumulative"));
    expect(totals.map(({ aggregationTemporality }) => aggregationTemporality)).toEqual([2, 2]);
    expect(totals.map(({ dataPoints }) => dataPoints[0].asDouble)).toEqual([3, 7]);
    const starts = totals.map(({ dataPoints }) => BigInt(dataPoints[0].startTimeUnixNano));
    expect(starts[0]).toBe(starts[1]);
    expect(BigInt(totals[1].dataPoints[0].timeUnixNano) > (starts[1] ?? 0n)).toBe(true);
  });
});

it("Protobuf is sent byte for byte as OpenTelemetry's exporter sends it", async () => {
  const bodies: Buffer[] = [];
  for (const RAG_OTLP_EXPORTER of EXPORTERS) {
    const receiver = await startReceiver();
    const { telemetry } = exportingTo(receiver, {
      RAG_OTLP_EXPORTER,
      OTEL_METRICS_EXPORTER: "none",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_RESOURCE_ATTRIBUTES: "service.instance.id=same",
    });
    const times = { startTime: 1_700_000_000_000 };
    getTracer("mine")
      .startSpan("mine", times)
      .end(times.startTime + 5);
    await telemetry.flush(5_000);
    // The ids are random.
    const body = receiver.requests[0]?.body ?? Buffer.alloc(0);
    const at = body.indexOf(Buffer.from([0x0a, 0x10]));
    bodies.push(Buffer.concat([body.subarray(0, at), body.subarray(at + 2 + 16 + 2 + 8)]));
    await telemetry.shutdown(500);
  }
  expect(bodies[0]?.length).toBeGreaterThan(100);
  expect(bodies[0]?.equals(bodies[1] ?? Buffer.alloc(0))).toBe(true);
});

it("Protobuf batches that wait share a request, which is the concatenation of both", async () => {
  const receiver = await startReceiver();
  receiver.answer = (_request, response) => void response.writeHead(404).end();
  const { telemetry } = exportingTo(receiver, {
    OTEL_METRICS_EXPORTER: "none",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
  });
  for (const name of ["first", "second"]) {
    getTracer("mine").startSpan(name).end();
    await telemetry.flush(5_000);
  }
  const [refused] = receiver.requests;
  receiver.answer = (_request, response) => response.end();
  await telemetry.shutdown(5_000);
  const { body } = receiver.requests.at(-1) ?? { body: Buffer.alloc(0) };
  expect(body.subarray(0, refused?.body.length).equals(refused?.body ?? Buffer.alloc(0))).toBe(true);
  expect(body.includes("second")).toBe(true);
  expect(telemetry.state()).toMatchObject({ exported: 2, dropped: 0, retained: 0 });
});

it("after an outage, a cumulative sum that could not be sent comes before the newer one, and nothing is lost", async () => {
  const receiver = await startReceiver();
  receiver.answer = (_request, response) => void response.writeHead(503, { "retry-after": "0" }).end();
  const { telemetry } = exportingTo(receiver, {
    OTEL_TRACES_EXPORTER: "none",
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "cumulative",
  });
  const counter = getMeter("mine").createCounter("mine");
  counter.add(3);
  expect((await telemetry.flush(5_000)).ok).toBe(false);
  receiver.answer = (_request, response) => response.end();
  counter.add(4);
  await telemetry.shutdown(5_000);
  const sums = receiver.requests.map((request) => counterIn(request).dataPoints[0].asDouble);
  expect(sums).toEqual([3, 3, 7]);
});
