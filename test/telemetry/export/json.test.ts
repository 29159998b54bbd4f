import {
  type Attributes,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
  ValueType,
} from "@opentelemetry/api";
import { TraceState } from "@opentelemetry/core";
import { JsonMetricsSerializer, JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationType, MeterProvider, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import { metricsRequest } from "#telemetry/export/json-metrics.ts";
import { spansRequest } from "#telemetry/export/json-spans.ts";
import { FlushReader } from "#telemetry/record/flush-reader.ts";
import { SpanBuffer } from "#telemetry/record/span-buffer.ts";
import type { Temporality } from "#telemetry/settings.ts";

const TEXTS = ["plain", "", 'a "quote"', "a \\ backslash", "tab\tand\nline", "ünï", "\u007f", "\ud800 alone", "🐝"];
const NUMBERS = [0, -0, 7, -7, 0.1, 1e21, 1e-7, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY];

const RESOURCE = resourceFromAttributes(
  { "service.name": 'a "service"', "process.pid": 7, ratio: 0.5, on: true, list: ["a", "b"] },
  { schemaUrl: "https://opentelemetry.io/schemas/1.45.0" },
);

/** Spans that use every field of OTLP. */
function spansOf(attributes: Attributes): ReadableSpan[] {
  const buffer = new SpanBuffer();
  const provider = new BasicTracerProvider({ resource: RESOURCE, spanProcessors: [buffer] });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const remote = { traceId, spanId: "b7ad6b7169203331", traceFlags: TraceFlags.SAMPLED, isRemote: true };
  const traceState = new TraceState("vendor=value");
  const parent = trace.setSpanContext(ROOT_CONTEXT, { ...remote, traceState });
  const [one, two] = [
    provider.getTracer("one", "1.2.3", { schemaUrl: "https://opentelemetry.io/schemas/1.40.0" }),
    provider.getTracer('tw"o'),
  ];
  const links = [{ context: { ...remote, traceState }, attributes }, { context: { ...remote, isRemote: false } }];
  const span = one.startSpan("a", { kind: SpanKind.SERVER, attributes, links, startTime: [1_700_000_000, 5] }, parent);
  span.addEvent("événement", attributes, [1_700_000_000, 999_999_999]).addEvent("empty");
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'it "failed"' }).end([1_700_000_001, 0]);
  two.startSpan("of another scope", {}, ROOT_CONTEXT).end();
  one.startSpan("last", { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, span)).end();
  return buffer.take().flat();
}

/** Metrics of every kind but exponential histograms. */
async function metricsOf(preference: Temporality): Promise<ResourceMetrics> {
  const reader = new FlushReader(preference);
  const provider = new MeterProvider({ resource: RESOURCE, readers: [reader] });
  const meter = provider.getMeter("one", "1.2.3", { schemaUrl: "https://opentelemetry.io/schemas/1.40.0" });
  const integers = meter.createCounter("integers", { unit: "{x}", description: 'a "count"', valueType: ValueType.INT });
  for (const text of TEXTS) integers.add(2, { text, number: 7, on: false, list: ["a"] });
  meter.createCounter("doubles").add(0.25);
  const histogram = meter.createHistogram("histogram", { advice: { explicitBucketBoundaries: [0, 0.5, 1] } });
  for (const value of [0.1, 0.7, 3]) histogram.record(value, { a: "b" });
  histogram.record(1);
  meter.createHistogram("no buckets", { advice: { explicitBucketBoundaries: [] } }).record(1);
  provider.getMeter("two").createGauge("gauge").record(7.5);
  provider.getMeter("two").createUpDownCounter("level").add(-2, { a: "b" });
  provider
    .getMeter("two")
    .createObservableGauge("observed")
    .addCallback((result) => result.observe(1));
  const metrics = await reader.take();
  if (!metrics) throw new Error("nothing was recorded");
  return metrics;
}

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

test("spans are the same bytes as OpenTelemetry's serializer makes", () => {
  const named = (values: readonly unknown[], prefix: string) =>
    Object.fromEntries(values.map((value, index) => [`${prefix}.${index}`, value])) as Record<string, string>;
  const sets = [
    named(TEXTS, "text"),
    named(NUMBERS, "number"),
    Object.fromEntries(TEXTS.map((name) => [`key ${name}`, name])),
    { yes: true, no: false, list: ["a", "ü"], numbers: [1, 1.5], gaps: ["a", null], none: [] },
    { long: "x".repeat(300_000), longer: "ü".repeat(2_000_000) },
    { short: "after a long one" },
    Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`name ${index}`, index])),
  ];
  for (const attributes of sets) {
    const spans = spansOf(attributes);
    expect(text(spansRequest(spans)) === text(JsonTraceSerializer.serializeRequest(spans))).toBe(true);
  }
});

test("more names of attributes than are remembered are written, too", () => {
  for (let set = 0; set < 12; set++) {
    const spans = spansOf(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${set}.${index}`, index])));
    expect(text(spansRequest(spans))).toBe(text(JsonTraceSerializer.serializeRequest(spans)));
  }
});

test.each(["delta", "cumulative"] as const)(
  "metrics are the same bytes as OpenTelemetry's serializer makes, with the temporality %s",
  async (preference) => {
    const metrics = await metricsOf(preference);
    const expected = text(JsonMetricsSerializer.serializeRequest(metrics));
    expect(text(metricsRequest(metrics))).toBe(expected);
    expect(text(metricsRequest(metrics))).toBe(expected);
  },
);

test("an exponential histogram is refused, and the next request is whole", async () => {
  const reader = new FlushReader();
  const views = [{ instrumentName: "*", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }] as const;
  const provider = new MeterProvider({ readers: [reader], views: [...views] });
  provider.getMeter("mine").createHistogram("sizes").record(3);
  const metrics = (await reader.take()) as ResourceMetrics;
  expect(() => metricsRequest(metrics)).toThrow("sizes is an exponential histogram");
  const others = await metricsOf("delta");
  expect(text(metricsRequest(others))).toBe(text(JsonMetricsSerializer.serializeRequest(others)));
});
