import { createNoopMeter, type MeterProvider, type TracerProvider } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { otlpEndpoints } from "#telemetry/export/endpoints.ts";
import type { Signal, Signals } from "#telemetry/export/signals.ts";
import { createSampler } from "#telemetry/sdk/sampler.ts";
import type { ExportSettings } from "#telemetry/settings.ts";
import { DeferredMeterProvider } from "./deferred-meter.ts";
import { SpanBuffer } from "./span-buffer.ts";

export interface TelemetryProviders {
  tracerProvider: TracerProvider;
  meterProvider: MeterProvider;
  traces: Signal;
  metrics: Signal;
}

/**
 * Creates what records. What sends, the SDK's metrics, OTLP and HTTP, is loaded by the first flush with something to
 * send: after a response, so that no cold start waits for it.
 *
 * @throws TypeError when an endpoint is not a URL; Error when a certificate cannot be read
 */
export function createTelemetryProviders(settings: ExportSettings, resource: Resource): TelemetryProviders {
  const { sampler, samplerArg, exporters } = settings;
  const exported = {
    traces: exporters?.span !== undefined || settings.traces !== "none",
    metrics: exporters?.metric !== undefined || settings.metrics !== "none",
  };
  const endpoints = otlpEndpoints(settings, settings.names.product);
  const spans = new SpanBuffer();
  const meters = new DeferredMeterProvider(() => void load());
  const tracerProvider = new BasicTracerProvider({
    resource,
    sampler: createSampler(sampler, samplerArg),
    ...(settings.spanLimits && { spanLimits: settings.spanLimits }),
    spanProcessors: exported.traces ? [spans] : [],
  });

  let loading: Promise<Signals> | undefined;
  let signals: Signals | undefined;
  function load(): Promise<Signals> {
    loading ??= import("#telemetry/export/signals.ts").then(async ({ createSignals }) => {
      signals = await createSignals(settings, endpoints, resource, spans, meters);
      return signals;
    });
    return loading;
  }

  const signal = (name: keyof Signals, end = async () => {}): Signal => ({
    get state() {
      const breaker = exported[name] ? "closed" : "none";
      return signals?.[name]?.state ?? { exported: 0, retained: 0, dropped: 0, breaker };
    },
    async flush(budgetMs, final) {
      if (!exported[name] || (!loading && spans.isEmpty && meters.isEmpty)) return;
      let left = budgetMs;
      if (!signals) {
        const started = performance.now();
        await load();
        // Slightly less, to settle before the caller's own time limit.
        left = Math.floor(budgetMs - (performance.now() - started)) - 1;
      }
      // Also when nothing can be sent: the SDK aggregates recordings in little memory.
      meters.replay();
      await signals?.[name]?.flush(left, final);
    },
    async shutdown() {
      await Promise.all([signals?.[name]?.shutdown(), end()]);
    },
  });
  return {
    tracerProvider,
    meterProvider: exported.metrics ? meters : { getMeter: createNoopMeter },
    traces: signal("traces", () => tracerProvider.shutdown()),
    metrics: signal("metrics"),
  };
}
