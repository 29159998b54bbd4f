import type { Resource } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { BreakerState } from "#async/breaker.ts";
import type { DeferredMeterProvider } from "#telemetry/record/deferred-meter.ts";
import { DeltaReader } from "#telemetry/record/delta-reader.ts";
import type { SpanBuffer } from "#telemetry/record/span-buffer.ts";
import type { ExportSettings } from "#telemetry/settings.ts";
import { pointsIn } from "./points.ts";
import { RetryingExporter } from "./retrying-exporter.ts";
import { createSelfMetrics } from "./self-metrics.ts";
import { metricTransport, spanTransport } from "./transports.ts";

/** Traces or metrics. Nothing is sent by a timer: only a flush sends. */
export interface Signal {
  /** Spans or data points by state; the breaker is "none" when the signal is not exported. */
  readonly state: Readonly<{ exported: number; retained: number; dropped: number; breaker: BreakerState | "none" }>;
  /** Sends what was recorded. Rejects when that failed; settles within `budgetMs`. */
  flush(budgetMs: number, final?: boolean): Promise<void>;
  shutdown(): Promise<void>;
}

/** The signals that are exported. */
export interface Signals {
  traces: Signal | undefined;
  metrics: Signal | undefined;
}

const RETAINED_BYTES = 4 * 1_024 * 1_024;

/** Creates what sends the spans of the buffer and the recordings of the meters. */
export async function createSignals(
  settings: ExportSettings,
  resource: Resource,
  spans: SpanBuffer,
  meters: DeferredMeterProvider,
): Promise<Signals> {
  const { retainedBytes: limitBytes = RETAINED_BYTES, names } = settings;
  const [spanSender, metricSender] = await Promise.all([spanTransport(settings), metricTransport(settings)]);
  const reader = new DeltaReader();
  const provider = new MeterProvider({ resource, readers: metricSender ? [reader] : [] });
  meters.connect(provider);

  const traces = {
    aggregates: false,
    collect: async () => spans.take().map((batch) => ({ batch, items: batch.length, selfTelemetry: false })),
  };
  const metrics = {
    aggregates: true,
    async collect() {
      const batch = await reader.take();
      if (!batch) return [];
      const selfTelemetry = batch.scopeMetrics.every(({ scope }) => scope.name === names.scope);
      return [{ batch, items: pointsIn(batch), selfTelemetry }];
    },
  };
  const metricObserver = createSelfMetrics(provider, "metrics", names);
  const spanObserver = createSelfMetrics(provider, "traces", names);
  return {
    traces: spanSender && signalOf(new RetryingExporter(traces, spanSender, { limitBytes, observer: spanObserver })),
    metrics:
      metricSender && signalOf(new RetryingExporter(metrics, metricSender, { limitBytes, observer: metricObserver })),
  };
}

function signalOf(exporter: Pick<RetryingExporter<unknown, unknown>, "state" | "flush" | "close">): Signal {
  let closed = false;
  return {
    get state() {
      return exporter.state;
    },
    flush: async (budgetMs, final) => (closed ? undefined : exporter.flush(budgetMs, final)),
    async shutdown() {
      closed = true;
      exporter.close();
    },
  };
}
