import type { Resource } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { BreakerState } from "#async/breaker.ts";
import type { DeferredMeterProvider } from "#telemetry/record/deferred-meter.ts";
import { FlushReader } from "#telemetry/record/flush-reader.ts";
import type { SpanBuffer } from "#telemetry/record/span-buffer.ts";
import type { ExportSettings, Refusal } from "#telemetry/settings.ts";
import type { OtlpEndpoints } from "./endpoints.ts";
import type { OtlpEndpoint } from "./otlp-http.ts";
import { pointsIn } from "./points.ts";
import { RefusalWatch } from "./refusals.ts";
import { type ExportObserver, RetryingExporter, type Source } from "./retrying-exporter.ts";
import { createSelfMetrics } from "./self-metrics.ts";
import type { Transport } from "./transport.ts";
import { metricTransport, spanTransport } from "./transports.ts";

/** Traces or metrics. Nothing is sent by a timer: only a flush sends. */
export interface Signal {
  /** Spans or data points by state; the breaker is "none" when the signal is not exported. */
  readonly state: Readonly<{
    exported: number;
    retained: number;
    dropped: number;
    breaker: BreakerState | "none";
    /** Why the collector did not accept the last request, or a part of it. */
    refusal?: Refusal | undefined;
  }>;
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
  endpoints: OtlpEndpoints,
  resource: Resource,
  spans: SpanBuffer,
  meters: DeferredMeterProvider,
): Promise<Signals> {
  const { retainedBytes: limitBytes = RETAINED_BYTES, names } = settings;
  const [spanSender, metricSender] = await Promise.all([
    spanTransport(settings, endpoints.traces),
    metricTransport(settings, endpoints.metrics),
  ]);
  const reader = new FlushReader(settings.temporality);
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
  function signalOf<Batch, Content>(
    signal: Refusal["signal"],
    source: Source<Batch>,
    transport: Transport<Batch, Content> | undefined,
    observer: ExportObserver,
  ): Signal | undefined {
    if (!transport) return undefined;
    const endpoint = endpoints[signal];
    const refusals = endpoint && watchOf(signal, endpoint, settings);
    const exporter = new RetryingExporter(source, refusals?.watch(transport) ?? transport, { limitBytes, observer });
    return toSignal(exporter, () => refusals?.refusal);
  }
  return {
    traces: signalOf("traces", traces, spanSender, spanObserver),
    metrics: signalOf("metrics", metrics, metricSender, metricObserver),
  };
}

function watchOf(
  signal: Refusal["signal"],
  { url, headers, protocol = "http/json" }: OtlpEndpoint,
  { temporality = "delta", captureContent, onRefused: report = () => {} }: ExportSettings,
): RefusalWatch {
  return new RefusalWatch({ signal, url, headers, protocol, temporality, captureContent, report });
}

function toSignal(
  exporter: Pick<RetryingExporter<unknown, unknown>, "state" | "flush" | "close">,
  refusal: () => Refusal | undefined,
): Signal {
  let closed = false;
  return {
    get state() {
      return { ...exporter.state, refusal: refusal() };
    },
    flush: async (budgetMs, final) => (closed ? undefined : exporter.flush(budgetMs, final)),
    async shutdown() {
      closed = true;
      exporter.close();
    },
  };
}
