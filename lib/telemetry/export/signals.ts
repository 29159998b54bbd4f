import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { BreakerState } from "#async/breaker.ts";
import type { DeferredMeterProvider } from "#telemetry/record/deferred-meter.ts";
import { DeltaReader } from "#telemetry/record/delta-reader.ts";
import type { SpanBuffer } from "#telemetry/record/span-buffer.ts";
import type { TelemetrySettings } from "#telemetry/settings.ts";
import { RetryingExporter } from "./retrying-exporter.ts";
import { createSelfMetrics, SELF } from "./self-metrics.ts";
import { metricTransport, spanTransport } from "./transports.ts";

/** Traces or metrics on their way out. Leaves nothing on a timer's initiative: a flush is what sends. */
export interface Signal {
  /** Spans or data points, by what became of them; the breaker is "none" where the signal is not exported. */
  readonly state: Readonly<{ exported: number; retained: number; dropped: number; breaker: BreakerState | "none" }>;
  /** Sends what is there. Rejects when that failed; settles within `budgetMs`. */
  flush(budgetMs: number, last?: boolean): Promise<void>;
  shutdown(): Promise<void>;
}

/** Those that are exported. */
export interface Signals {
  traces: Signal | undefined;
  metrics: Signal | undefined;
}

const RETAINED_BYTES = 4 * 1_024 * 1_024;

/** What sends the spans of the buffer and the recordings of the meters. */
export async function createSignals(
  settings: TelemetrySettings,
  resource: Resource,
  spans: SpanBuffer,
  meters: DeferredMeterProvider,
): Promise<Signals> {
  const { retainedBytes: limitBytes = RETAINED_BYTES } = settings;
  const [spanWay, metricWay] = await Promise.all([spanTransport(settings), metricTransport(settings)]);
  const reader = new DeltaReader();
  const provider = new MeterProvider({ resource, readers: metricWay ? [reader] : [] });
  meters.passOnTo(provider);

  const traces = {
    accumulates: false,
    gather: async () => spans.take().map((batch) => ({ batch, items: batch.length, own: false })),
  };
  const metrics = {
    accumulates: true,
    async gather() {
      const batch = await reader.take();
      return batch ? [{ batch, items: pointsIn(batch), own: isOwn(batch) }] : [];
    },
  };
  const [ofMetrics, ofTraces] = [createSelfMetrics(provider, "metrics"), createSelfMetrics(provider, "traces")];
  return {
    traces: spanWay && signalOf(new RetryingExporter(traces, spanWay, { limitBytes, log: ofTraces })),
    metrics: metricWay && signalOf(new RetryingExporter(metrics, metricWay, { limitBytes, log: ofMetrics })),
  };
}

function signalOf(exporter: Pick<RetryingExporter<unknown, unknown>, "state" | "flush" | "close">): Signal {
  let closed = false;
  return {
    get state() {
      return exporter.state;
    },
    flush: async (budgetMs, last) => (closed ? undefined : exporter.flush(budgetMs, last)),
    async shutdown() {
      closed = true;
      exporter.close();
    },
  };
}

function pointsIn({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics.flatMap(({ metrics }) => metrics).reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
}

function isOwn({ scopeMetrics }: ResourceMetrics): boolean {
  return scopeMetrics.every(({ scope }) => scope.name === SELF);
}
