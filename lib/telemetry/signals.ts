import type { MeterProvider as MeterProviderApi, TracerProvider } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { metricExporter, spanExporter } from "./exporters.ts";
import { createSampler } from "./sampler.ts";
import type { TelemetrySettings } from "./settings.ts";
import { singleFlight } from "./single-flight.ts";
import { WatchedExporter, WatchedMetricExporter } from "./watched-exporter.ts";
import { FOREVER_MS } from "./within.ts";

/** Traces or metrics on their way out. Leaves nothing on a timer's initiative: a flush is what sends. */
export interface Signal<Provider> {
  readonly provider: Provider;
  /** Batches sent so far, and batches lost. */
  readonly counts: Readonly<{ exported: number; dropped: number }>;
  /** Sends what is there. Rejects when that failed. */
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Spans kept for a flush; as many as an ingest of several hundred documents makes. A full queue is sent at once. */
const QUEUE_SIZE = 2_048;

/** Milliseconds an export may be late before it is given up, above the exporter's own timeout. */
const GRACE_MS = 1_000;

export function createTraces(settings: TelemetrySettings, resource: Resource): Signal<TracerProvider> {
  const sampler = createSampler(settings.sampler, settings.samplerArg);
  const load = spanExporter(settings);
  if (!load) return unexported(new BasicTracerProvider({ resource, sampler }));

  const exporter = new WatchedExporter<ReadableSpan[]>(load, settings.timeoutMs + GRACE_MS);
  const processor = new BatchSpanProcessor(exporter, {
    maxQueueSize: QUEUE_SIZE,
    maxExportBatchSize: QUEUE_SIZE,
    scheduledDelayMillis: FOREVER_MS,
    exportTimeoutMillis: FOREVER_MS,
  });
  const provider = new BasicTracerProvider({ resource, sampler, spanProcessors: [processor] });
  const flush = singleFlight(() => sent(processor.forceFlush(), exporter));
  return { provider, counts: exporter.counts, flush, shutdown: () => provider.shutdown() };
}

export function createMeasures(settings: TelemetrySettings, resource: Resource): Signal<MeterProviderApi> {
  const load = metricExporter(settings);
  if (!load) return unexported(new MeterProvider({ resource }));

  const exporter = new WatchedMetricExporter(load, settings.timeoutMs + GRACE_MS);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: FOREVER_MS,
    exportTimeoutMillis: FOREVER_MS,
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const flush = singleFlight(() => sent(reader.forceFlush(), exporter));
  return { provider, counts: exporter.counts, flush, shutdown: () => provider.shutdown() };
}

/** The batch processor rejects with what the exporter failed with, the metric reader hides it: ask the exporter. */
async function sent(flushed: Promise<void>, exporter: { settle(): Promise<void> }): Promise<void> {
  await flushed.catch(() => {});
  await exporter.settle();
}

function unexported<Provider extends { shutdown(): Promise<void> }>(provider: Provider): Signal<Provider> {
  return { provider, counts: { exported: 0, dropped: 0 }, flush: async () => {}, shutdown: () => provider.shutdown() };
}
