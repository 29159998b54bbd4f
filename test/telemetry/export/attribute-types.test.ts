import { expect, test } from "vitest";
import { exportingTo, type Json, requestTo, startReceiver } from "../_otlp.ts";
import { tracedPipelines } from "../_setup.ts";

const DOUBLES = [
  "score.max",
  "score.min",
  "retrieval.documents.0.document.score",
  "reranker.input_documents.0.document.score",
];
const INTEGERS = [
  "results.count",
  "query.length",
  "server.port",
  "gen_ai.usage.input_tokens",
  "gen_ai.retrieval.top_k",
];

/** What arrives of a query whose results all have this score. */
async function sent(score: number, env: Record<string, string>) {
  const receiver = await startReceiver();
  const { telemetry } = exportingTo(receiver, env);
  await tracedPipelines(telemetry, { scores: [score] }).answer({ question: "Where is the lamp?", topK: 1 });
  await telemetry.flush(5_000);
  const requests = [...receiver.requests];
  await telemetry.shutdown(500);
  return {
    spans: requestTo(requests, "/v1/traces").body,
    metrics: requestTo(requests, "/v1/metrics").body,
  };
}

/** Type and value of every attribute of that name. */
function inJson(body: Buffer, name: string): [type: string, value: number][] {
  const spans: Json[] = JSON.parse(body.toString()).resourceSpans[0].scopeSpans[0].spans;
  return spans
    .flatMap(({ attributes }) => attributes)
    .filter(({ key }) => key === name)
    .map(({ value }) => Object.entries(value)[0] as [string, number]);
}

/** Likewise. `int_value` is field 3 of `AnyValue`, a varint; `double_value` field 4, in 8 bytes. */
function inProtobuf(body: Buffer, name: string): [type: string, value: number][] {
  const key = Buffer.from(`\n${String.fromCharCode(name.length)}${name}\u0012`);
  const found: [string, number][] = [];
  for (let at = body.indexOf(key); at >= 0; at = body.indexOf(key, at + 1)) {
    const value = at + key.length + 1;
    if (body[value] === 0x21) found.push(["doubleValue", body.readDoubleLE(value + 1)]);
    else if (body[value] === 0x18) found.push(["intValue", body[value + 1] ?? Number.NaN]);
    else throw new Error(`${name} has a value of type ${body[value]}`);
  }
  return found;
}

test.each([
  ["built-in", "http/json"],
  ["built-in", "http/protobuf"],
  ["opentelemetry", "http/json"],
  ["opentelemetry", "http/protobuf"],
])(
  "scores are doubles and counts are integers, whatever their value, with the exporter %s and %s",
  async (exporter, protocol) => {
    const read = protocol === "http/json" ? inJson : inProtobuf;
    const env = { RAG_OTLP_EXPORTER: exporter, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
    for (const score of [0, 0.5, 1, 2, -1, 0.1]) {
      const { spans } = await sent(score, env);
      for (const name of DOUBLES)
        expect(read(spans, name), `${name} of ${score}`).toContainEqual(["doubleValue", score]);
      for (const name of [...DOUBLES, ...INTEGERS]) {
        const type = DOUBLES.includes(name) ? "doubleValue" : "intValue";
        const types = read(spans, name).map(([type]) => type);
        expect(new Set(types), `${name} of ${score}`).toEqual(new Set([type]));
      }
    }
  },
);

test("a text that looks like an attribute is sent as it is", async () => {
  const question = '"key":"score.max","value":{"intValue":1}';
  for (const protocol of ["http/json", "http/protobuf"]) {
    const receiver = await startReceiver();
    const { telemetry } = exportingTo(receiver, {
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    });
    await tracedPipelines(telemetry, { scores: [1] }).answer({ question, topK: 1 });
    await telemetry.flush(5_000);
    const body = requestTo(receiver.requests, "/v1/traces").body.toString();
    expect(body).toContain(protocol === "http/json" ? JSON.stringify(question).slice(1, -1) : question);
  }
});

test("counts are sent as integers and costs as doubles", async () => {
  const { metrics } = await sent(1, {});
  const [{ scopeMetrics }] = JSON.parse(metrics.toString()).resourceMetrics;
  const all: Json[] = scopeMetrics.flatMap((scope: Json) => scope.metrics);
  const typesOf = (name: string) =>
    all
      .find((metric) => metric.name === name)
      .sum.dataPoints.map((point: Json) => ("asInt" in point ? "int" : "double"));
  expect(typesOf("rag_openai_tokens_total")).toEqual(["int", "int", "int"]);
  expect(typesOf("gen_ai.client.inference.usage.input_tokens")).toEqual(["int"]);
  expect(typesOf("rag_openai_cost_usd_total")).toEqual(["double", "double"]);
});
