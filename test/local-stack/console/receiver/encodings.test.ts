import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Encoding, JSON_ENCODING, protobufEncoding } from "#console/receiver/encodings.ts";
import { DecodeError } from "#console/receiver/fields.ts";
import { readMetrics } from "#console/receiver/metrics.ts";
import { readTraces } from "#console/receiver/traces.ts";
import { metricsOf, tracesOf } from "./_receiver.ts";
import { resourceMetrics, span } from "./_sdk.ts";

let protobuf: Encoding;
beforeAll(async () => {
  protobuf = await protobufEncoding();
});

const traces = (encoding: Encoding, body: Uint8Array = new Uint8Array()) =>
  readTraces(encoding.decode("traces", Buffer.from(body)));
const metrics = (encoding: Encoding, body: Uint8Array = new Uint8Array()) =>
  readMetrics(encoding.decode("metrics", Buffer.from(body)));
const bytesOf = (body: object | string) => Buffer.from(typeof body === "string" ? body : JSON.stringify(body));

function spansOf(body: object | string) {
  return traces(JSON_ENCODING, bytesOf(body)).payload.spans;
}

describe("what the official serializers write", () => {
  it("is the same from JSON and from Protobuf: spans", () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 4 }), (spans) => {
        const json = traces(JSON_ENCODING, JsonTraceSerializer.serializeRequest(spans));
        const binary = traces(protobuf, ProtobufTraceSerializer.serializeRequest(spans));
        expect(binary.payload).toEqual(json.payload);
        expect([json.rejections.count, binary.rejections.count]).toEqual([0, 0]);
        const written = spans.map((one) => one.spanContext().spanId);
        expect(binary.payload.spans.map(({ spanId }) => spanId).toSorted()).toEqual(written.toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it("is the same from JSON and from Protobuf: metrics", () => {
    fc.assert(
      fc.property(resourceMetrics, (batch) => {
        const json = metrics(JSON_ENCODING, JsonMetricsSerializer.serializeRequest(batch));
        const binary = metrics(protobuf, ProtobufMetricsSerializer.serializeRequest(batch));
        expect(binary.payload).toEqual(json.payload);
        expect([json.rejections.count, binary.rejections.count]).toEqual([0, 0]);
        const written = batch.scopeMetrics.flatMap((scope) => scope.metrics).map(({ dataPoints }) => dataPoints.length);
        expect(binary.payload.metrics.map(({ dataPoints }) => dataPoints.length)).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });

  it("has the values of the span", () => {
    const values = fc.record({ one: span }).filter(({ one }) => one.events.length > 0);
    fc.assert(
      fc.property(values, ({ one }) => {
        const [read] = traces(protobuf, ProtobufTraceSerializer.serializeRequest([one])).payload.spans;
        expect(read).toMatchObject({
          traceId: one.spanContext().traceId,
          name: one.name,
          startTimeUnixNano: nanosOf(one.startTime),
          endTimeUnixNano: nanosOf(one.endTime),
          status: { message: one.status.message },
          events: one.events.map(({ name, time }) => ({ name, timeUnixNano: nanosOf(time) })),
          links: one.links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
        });
        expect(plain(read?.attributes)).toEqual(plain(one.attributes));
      }),
    );
  });
});

function nanosOf([seconds, nanos]: ReadableSpan["startTime"]): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

/** Sorted by key; -0 is written as 0. */
function plain(attributes: object | undefined): [string, unknown][] {
  const simple = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(simple);
    return Object.is(value, -0) ? 0 : value;
  };
  return Object.entries(attributes ?? {})
    .map(([key, value]): [string, unknown] => [key, simple(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("garbage", () => {
  const decoders = () => [() => JSON_ENCODING, () => protobuf] as const;

  function survives(body: Uint8Array): void {
    for (const encoding of decoders()) {
      for (const read of [traces, metrics]) {
        try {
          read(encoding(), body);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }
    }
  }

  it("is a DecodeError, or nothing: bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 300 });
  });

  it("is a DecodeError, or nothing: requests with a byte changed, or cut off", () => {
    const body = fc.array(span, { minLength: 1, maxLength: 2 }).chain((spans) => {
      const bodies = [JsonTraceSerializer, ProtobufTraceSerializer].map((serializer) =>
        serializer.serializeRequest(spans),
      );
      return fc.tuple(fc.constantFrom(...bodies), fc.nat(), fc.nat({ max: 255 }), fc.boolean());
    });
    const changed = fc.property(body, ([bytes = new Uint8Array(), at, value, isCut]) => {
      const copy = Uint8Array.from(bytes);
      copy[at % copy.length] = value;
      survives(isCut ? copy.subarray(0, at % copy.length) : copy);
    });
    fc.assert(changed, { numRuns: 300 });
  });

  it("is a DecodeError, or nothing: JSON with any values in the places of fields", () => {
    const names = [
      ...["resourceSpans", "scopeSpans", "spans", "attributes", "value", "events", "links", "status", "kind", "key"],
      ...["resourceMetrics", "scopeMetrics", "metrics", "sum", "histogram", "dataPoints", "flags", "bucketCounts"],
    ];
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 8 },
        fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.boolean()),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie("tree"), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => survives(bytesOf({ resourceSpans: value, resourceMetrics: value }))),
      { numRuns: 300 },
    );
  });
});

describe("OTLP/JSON", () => {
  it("has integers of 64 bits as text and as numbers, without rounding", () => {
    const nanos = "1700000000123456789";
    for (const body of [
      JSON.stringify(tracesOf({ startTimeUnixNano: nanos, attributes: [{ key: "big", value: { intValue: nanos } }] })),
      JSON.stringify(
        tracesOf({ attributes: [{ key: "big", value: { intValue: "N" } }], startTimeUnixNano: "N" }),
      ).replaceAll('"N"', nanos),
    ]) {
      const [read] = spansOf(body);
      expect([read?.startTimeUnixNano, read?.attributes]).toEqual([BigInt(nanos), { big: nanos }]);
    }
  });

  it("leaves digits in text alone", () => {
    const text = 'he said "n":12345678901234567890, twice: \\":12345678901234567890,';
    const [read] = spansOf(tracesOf({ name: text, attributes: [{ key: text, value: { stringValue: text } }] }));
    expect([read?.name, read?.attributes]).toEqual([text, { [text]: text }]);
  });

  it("has ids in any case, enums by number or name, null for an absent field, and fields that are not known", () => {
    const [read] = spansOf(
      tracesOf({
        ...{ traceId: "5B8EFFF798038103D269B633813FC60C", kind: "SPAN_KIND_CLIENT", events: null, attributes: null },
        ...{ status: { code: "STATUS_CODE_ERROR", message: null }, flags: 257, traceState: "a=b", later: { x: [1] } },
      }),
    );
    expect(read).toMatchObject({
      ...{ traceId: "5b8efff798038103d269b633813fc60c", kind: "client", events: [], attributes: {} },
      status: { code: "error", message: "" },
    });
    expect(spansOf(tracesOf({ kind: 99 }))[0]?.kind).toBe("unspecified");
  });

  it("has every kind of value", () => {
    const values = {
      text: { stringValue: "" },
      no: { boolValue: false },
      zero: { intValue: "0" },
      half: { doubleValue: 0.5 },
      infinite: { doubleValue: "-Infinity" },
      bytes: { bytesValue: "AAH/" },
      list: { arrayValue: { values: [{ intValue: 1 }, { stringValue: "b" }, {}] } },
      map: { kvlistValue: { values: [{ key: "__proto__", value: { boolValue: true } }] } },
      nothing: {},
    };
    const attributes = Object.entries(values).map(([key, value]) => ({ key, value }));
    const [read] = spansOf(tracesOf({ attributes }));
    expect(JSON.parse(JSON.stringify(read?.attributes))).toEqual({
      ...{ text: "", no: false, zero: 0, half: 0.5, infinite: "-Infinity", bytes: "AAH/", list: [1, "b", ""] },
      ...{ map: JSON.parse('{"__proto__":true}'), nothing: "" },
    });
  });

  it("is cut where it is long", () => {
    const many = Array.from({ length: 600 }, (_, index) => ({ key: `k${index}`, value: { intValue: index } }));
    const [read] = spansOf(
      tracesOf({
        name: "n".repeat(5_000),
        attributes: [{ key: "long", value: { stringValue: "x".repeat(100_000) } }, ...many],
      }),
    );
    expect(read?.name).toMatch(/^n{1023}…$/);
    expect(read?.attributes.long).toMatch(/^x{65535}…$/);
    expect(Object.keys(read?.attributes ?? {})).toHaveLength(512);
  });

  it("has summaries, gauges, and points without a recorded value, which are left out", () => {
    const summary = { dataPoints: [{ count: "2", sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }] };
    const gauge = {
      dataPoints: [
        { asDouble: 1, flags: 1 },
        { asInt: "7", timeUnixNano: "5" },
      ],
    };
    const read = (metric: object) => metrics(JSON_ENCODING, bytesOf(metricsOf(metric)));
    expect(read({ name: "s", summary }).payload.metrics).toMatchObject([
      { type: "summary", dataPoints: [{ count: 2, sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }] },
    ]);
    const { payload, rejections } = read({ name: "g", gauge });
    expect([payload.metrics[0]?.dataPoints, rejections.count]).toEqual([
      [{ attributes: {}, startTimeUnixNano: 0n, timeUnixNano: 5n, value: 7 }],
      0,
    ]);
  });
});
