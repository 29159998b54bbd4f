import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, SamplingDecision } from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import { otlpMetricTransport, otlpSpanTransport } from "#telemetry/export/otlp-transport.ts";
import { FlushReader } from "#telemetry/record/flush-reader.ts";
import { SpanBuffer } from "#telemetry/record/span-buffer.ts";
import { startCollector } from "../_collector.ts";

async function collectorFor(path: string) {
  const { url, received } = await startCollector();
  const endpoint = {
    url: new URL(url + path),
    headers: { "x-key": "value" },
    userAgent: "test",
    compression: "none" as const,
    timeoutMs: 5_000,
  };
  return { endpoint, received };
}

function spansNamed(...names: string[]) {
  const buffer = new SpanBuffer();
  const tracer = new BasicTracerProvider({ spanProcessors: [buffer] }).getTracer("mine", "1.2.3");
  for (const name of names) {
    const span = tracer.startSpan(name, { attributes: { text: "ünï", list: ["a", "b"], number: 1.5 } });
    span.addEvent("event", { ok: true });
    span.end();
  }
  return buffer.take().flat();
}

async function measured() {
  const reader = new FlushReader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter("mine");
  meter.createCounter("counter", { unit: "{x}" }).add(3, { a: "b" });
  meter.createHistogram("histogram").record(0.5);
  meter.createGauge("gauge").record(7);
  meter.createUpDownCounter("level").add(-2);
  const metrics = await reader.take();
  if (!metrics) throw new Error("nothing was measured");
  return metrics;
}

test("spans are sent byte for byte like the stock exporter's", async () => {
  const { endpoint, received } = await collectorFor("/v1/traces");
  const spans = spansNamed("one", "two");
  const ours = otlpSpanTransport(endpoint);
  expect(await ours.send([ours.serialize(spans).content])).toEqual({ status: "success", rejected: 0 });
  const stock = new OTLPTraceExporter({ url: endpoint.url.href, headers: endpoint.headers });
  await new Promise((resolve) => stock.export(spans, resolve));
  const [own, theirs] = received;
  expect(own?.text).toBe(theirs?.text);
  for (const header of ["content-type", "x-key"]) expect(own?.headers[header]).toBe(theirs?.headers[header]);
  ours.close();
});

test("metrics are sent byte for byte like the stock exporter's", async () => {
  const { endpoint, received } = await collectorFor("/v1/metrics");
  const metrics = await measured();
  const ours = otlpMetricTransport(endpoint);
  await ours.send([ours.serialize(metrics).content]);
  const stock = new OTLPMetricExporter({ url: endpoint.url.href, headers: endpoint.headers });
  await new Promise((resolve) => stock.export(metrics, resolve));
  expect(received[0]?.text).toBe(received[1]?.text);
  ours.close();
});

test("batches sent together form one valid request", async () => {
  const { endpoint, received } = await collectorFor("/v1/traces");
  const ours = otlpSpanTransport(endpoint);
  const batches = [spansNamed("one"), spansNamed("two", "three")].map((spans) => ours.serialize(spans));
  await ours.send(batches.map(({ content }) => content));
  const { resourceSpans } = JSON.parse(received[0]?.text ?? "");
  const names = resourceSpans.map((resource: { scopeSpans: { spans: { name: string }[] }[] }) =>
    resource.scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
  expect(names).toEqual([["one"], ["two", "three"]]);
  for (const { content, bytes } of batches) expect(content.length).toBe(bytes);
  ours.close();
});

test("many spans are split into several batches", () => {
  const buffer = new SpanBuffer();
  const tracer = new BasicTracerProvider({ spanProcessors: [buffer] }).getTracer("mine");
  for (let i = 0; i < 5_000; i++) tracer.startSpan("span").end();
  expect(buffer.take().map(({ length }) => length)).toEqual([2_048, 2_048, 904]);
  expect(buffer.take()).toEqual([]);
});

test("spans that are recorded but not sampled are not exported", () => {
  const buffer = new SpanBuffer();
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.RECORD }) };
  const tracer = new BasicTracerProvider({ sampler, spanProcessors: [buffer] }).getTracer("mine");
  tracer.startSpan("span").end();
  expect(buffer.take()).toEqual([]);
});
