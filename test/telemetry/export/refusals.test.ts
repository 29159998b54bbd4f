import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { expect, it, onTestFinished, vi } from "vitest";
import { describeTelemetry } from "#compose/telemetry-report.ts";
import { exportingTo, type OtlpReceiver, record, startReceiver } from "../_otlp.ts";

const TRACES_ONLY = { OTEL_METRICS_EXPORTER: "none" };
const METRICS_ONLY = { OTEL_TRACES_EXPORTER: "none" };

function refuseWith(receiver: OtlpReceiver, status: number, body: string | Buffer = "", headers = {}): void {
  receiver.answer = (_request, response) => void response.writeHead(status, headers).end(body);
}

/** What is reported, and what health shows, after one flush to a collector that answers so. */
async function refusedBy(status: number, env: Record<string, string>, body: string | Buffer = "") {
  const receiver = await startReceiver();
  refuseWith(receiver, status, body);
  const { telemetry, refusals } = exportingTo(receiver, env);
  record();
  await telemetry.flush(5_000);
  const state = telemetry.state();
  await telemetry.shutdown(500);
  return { refusals, state, url: receiver.url };
}

it.each([
  [
    400,
    TRACES_ONLY,
    "see the collector's log; if it takes only Protobuf, set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
  ],
  [400, { ...TRACES_ONLY, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" }, "see the collector's log"],
  [401, TRACES_ONLY, "check OTEL_EXPORTER_OTLP_HEADERS and OTEL_EXPORTER_OTLP_TRACES_HEADERS"],
  [403, METRICS_ONLY, "check OTEL_EXPORTER_OTLP_HEADERS and OTEL_EXPORTER_OTLP_METRICS_HEADERS"],
  [
    404,
    TRACES_ONLY,
    "check the endpoint: /v1/traces is appended to OTEL_EXPORTER_OTLP_ENDPOINT and not to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  ],
  [
    405,
    METRICS_ONLY,
    "check the endpoint: /v1/metrics is appended to OTEL_EXPORTER_OTLP_ENDPOINT and not to OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
  ],
  [413, TRACES_ONLY, "raise the collector's limit for the size of a request"],
  [415, TRACES_ONLY, "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"],
  [415, { ...TRACES_ONLY, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" }, "set OTEL_EXPORTER_OTLP_PROTOCOL=http/json"],
  [415, { ...TRACES_ONLY, RAG_OTLP_EXPORTER: "opentelemetry" }, "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"],
  [308, TRACES_ONLY, "redirects are not followed: set the URL that it redirects to"],
  [
    500,
    METRICS_ONLY,
    "see the collector's log; if it takes no delta metrics, as Prometheus by default, set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative",
  ],
  [
    500,
    { ...METRICS_ONLY, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "cumulative" },
    "see the collector's log",
  ],
])("a collector that answers %i to %j is reported with what to do, and in the state", async (status, env, advice) => {
  const { refusals, state, url } = await refusedBy(status, env);
  const signal = "OTEL_METRICS_EXPORTER" in env ? "traces" : "metrics";
  const refusal = { signal, reason: String(status), advice, since: expect.any(Date) };
  expect(refusals).toEqual([{ ...refusal, endpoint: `${url}/v1/${signal}` }]);
  expect(state.refusals).toEqual([refusal]);
  expect(describeTelemetry(state).refused).toEqual([{ ...refusal, since: refusals[0]?.since.toISOString() }]);
});

it.each([429, 502, 503, 504])(
  "a collector that answers %i may accept it later: nothing is reported",
  async (status) => {
    const { refusals, state } = await refusedBy(status, TRACES_ONLY);
    expect(refusals).toEqual([]);
    expect(state.refusals).toBeUndefined();
    expect(describeTelemetry(state)).not.toHaveProperty("refused");
  },
);

it("the same reason is reported once an hour, another one at once, and an accepted request ends it", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const receiver = await startReceiver();
  const { telemetry, refusals } = exportingTo(receiver, TRACES_ONLY);
  const refused = async (status: number, afterMs: number) => {
    refuseWith(receiver, status);
    vi.setSystemTime(Date.now() + afterMs);
    record();
    await telemetry.flush(5_000);
    return refusals.length;
  };
  expect(await refused(415, 0)).toBe(1);
  const [first] = telemetry.state().refusals ?? [];
  for (let i = 0; i < 10; i++) expect(await refused(415, 300_000)).toBe(1);
  expect(telemetry.state().refusals).toEqual([first]);
  expect(await refused(400, 1_000)).toBe(2);
  expect(await refused(415, 599_000)).toBe(3);
  expect(refusals.map(({ reason }) => reason)).toEqual(["415", "400", "415"]);
  await refused(200, 1_000);
  expect(telemetry.state().refusals).toBeUndefined();
});

it.each(["built-in", "opentelemetry"])(
  "what the collector says is reported by %s in one short line, without the headers' secrets",
  async (RAG_OTLP_EXPORTER) => {
    const body = `{"message":"unknown token xsecret1key\u001b[31m\nof a\u202e user xsecret2user"}${"x".repeat(1_000)}`;
    const env = {
      ...TRACES_ONLY,
      RAG_OTLP_EXPORTER,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "authorization=Bearer%20xsecret1key",
    };
    const { refusals } = await refusedBy(401, env, body);
    expect(refusals[0]?.said).toMatch(/^\{"message":"unknown token \[…\] \[31m of a user xsecret2user"\}x+$/);
    expect(refusals[0]?.said?.length).toBeLessThanOrEqual(200);
  },
);

it("nothing that the collector says is reported while content is captured, as it may quote it", async () => {
  const env = { ...TRACES_ONLY, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" };
  const { refusals } = await refusedBy(400, env, "invalid attribute: the question");
  expect(refusals).toHaveLength(1);
  expect(refusals[0]).not.toHaveProperty("said");
});

it("credentials and query of the endpoint are not reported", async () => {
  const receiver = await startReceiver();
  refuseWith(receiver, 403, "no xsecret2");
  const endpoint = `${receiver.url.replace("//", "//xuser:xsecret2@")}/own?key=xsecret3`;
  const { telemetry, refusals } = exportingTo(receiver, {
    ...TRACES_ONLY,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  });
  record();
  await telemetry.flush(5_000);
  expect(refusals).toEqual([expect.objectContaining({ endpoint: `${receiver.url}/own`, said: "no […]" })]);
});

/** `ExportTraceServiceResponse` with 300 rejected spans and a message. */
const PARTIAL_PROTOBUF = Buffer.from([0x0a, 0x0c, 0x08, 0xac, 0x02, 0x12, 0x07, ...Buffer.from("too old")]);

it.each([
  ["http/json", Buffer.from('{"partialSuccess":{"rejectedSpans":"300","errorMessage":"too old"}}')],
  ["http/protobuf", PARTIAL_PROTOBUF],
])("a part of the spans that is rejected with %s is dropped, and reported with the message", async (protocol, body) => {
  expect(ProtobufTraceSerializer.deserializeResponse(PARTIAL_PROTOBUF)).toEqual({
    partialSuccess: { rejectedSpans: 300, errorMessage: "too old" },
  });
  const env = { ...TRACES_ONLY, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
  const { refusals, state } = await refusedBy(200, env, body);
  expect(refusals).toEqual([expect.objectContaining({ signal: "traces", reason: "rejected", said: "too old" })]);
  expect(state).toMatchObject({ exported: 0, dropped: 1, refusals: [{ reason: "rejected" }] });
});
