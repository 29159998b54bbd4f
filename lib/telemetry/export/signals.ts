import type { Resource } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { BreakerState } from "#async/breaker.ts";
import type { DeferredMeterProvider } from "#telemetry/record/deferred-meter.ts";
import { FlushReader } from "#telemetry/record/flush-reader.ts";
import type { SpanBuffer } from "#telemetry/record/span-buffer.ts";
import type { ExportSettings, Refusal } from "#telemetry/settings.ts";
import type { OtlpEndpoints } from "./endpoints.ts";
import { LeasingExporter } from "./leasing-exporter.ts";
import type { OtlpEndpoint } from "./otlp-http.ts";
import type { Exporter, ExportObserver, Source } from "./outbox.ts";
import { pointsIn } from "./points.ts";
import { RefusalWatch } from "./refusals.ts";
import { RetryingExporter } from "./retrying-exporter.ts";
import { createSelfMetrics } from "./self-metrics.ts";
import { SelfTelemetry } from "./self-telemetry.ts";
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
/** By which a lease outlasts the request that it is for. */
const LEASE_MARGIN_MS = 1_000;
/** For which metrics about telemetry itself wait, unless something went wrong. */
const SELF_TELEMETRY_MS = 30_000;

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
  // A worker's isolate ends without notice: nothing waits there.
  const own = new SelfTelemetry(resource, settings.temporality, settings.requestBound ? 0 : SELF_TELEMETRY_MS);

  const traces = {
    aggregates: false,
    collect: async () => spans.take().map((batch) => ({ batch, items: batch.length, selfTelemetry: false })),
  };
  const metrics = {
    aggregates: true,
    async collect(final: boolean) {
      const recorded = (await reader.take())?.scopeMetrics ?? [];
      const scopeMetrics = [...recorded, ...(await own.take(final))];
      if (scopeMetrics.length === 0) return [];
      const batch = { resource, scopeMetrics };
      return [{ batch, items: pointsIn(batch), selfTelemetry: recorded.length === 0 }];
    },
  };
  function observerOf(signal: Refusal["signal"]): { observer?: ExportObserver } {
    if (!metricSender) return {};
    return { observer: createSelfMetrics(own.provider, signal, names, () => own.hurry()) };
  }
  const observers = { metrics: observerOf("metrics"), traces: observerOf("traces") };
  function signalOf<Batch, Content>(
    signal: Refusal["signal"],
    source: Source<Batch>,
    transport: Transport<Batch, Content> | undefined,
  ): Signal | undefined {
    if (!transport) return undefined;
    const endpoint = endpoints[signal];
    const refusals = endpoint && watchOf(signal, endpoint, settings);
    const watched = refusals?.watch(transport) ?? transport;
    const leaseMs = (endpoint?.timeoutMs ?? settings.timeoutMs) + LEASE_MARGIN_MS;
    const exporter = settings.requestBound
      ? new LeasingExporter(source, watched, { limitBytes, ...observers[signal], leaseMs })
      : new RetryingExporter(source, watched, { limitBytes, ...observers[signal] });
    return toSignal(exporter, () => refusals?.refusal);
  }
  return {
    traces: signalOf("traces", traces, spanSender),
    metrics: signalOf("metrics", metrics, metricSender),
  };
}

function watchOf(
  signal: Refusal["signal"],
  { url, headers, protocol = "http/json" }: OtlpEndpoint,
  { temporality = "delta", captureContent, onRefused: report = () => {} }: ExportSettings,
): RefusalWatch {
  return new RefusalWatch({ signal, url, headers, protocol, temporality, captureContent, report });
}

function toSignal(exporter: Exporter, refusal: () => Refusal | undefined): Signal {
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
