import { createNoopMeter, type MeterProvider, type TracerProvider } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { metricsUrl, tracesUrl } from "#telemetry/export/endpoints.ts";
import type { Signal, Signals } from "#telemetry/export/signals.ts";
import { createSampler } from "#telemetry/sdk/sampler.ts";
import type { TelemetrySettings } from "#telemetry/settings.ts";
import { DeferredMeterProvider } from "./deferred-meter.ts";
import { SpanBuffer } from "./span-buffer.ts";

export interface TelemetryProviders {
  tracerProvider: TracerProvider;
  meterProvider: MeterProvider;
  traces: Signal;
  metrics: Signal;
}

/**
 * What records, and, loaded when there is something to send for the first time, what sends: the SDK's metrics, OTLP and
 * HTTP. That is after a response, so that no cold start waits for it.
 *
 * @throws TypeError when an endpoint is no URL
 */
export function createTelemetryProviders(settings: TelemetrySettings, resource: Resource): TelemetryProviders {
  const { sampler, samplerArg, exporters } = settings;
  const exported = {
    traces: exporters?.span !== undefined || settings.traces !== "none",
    metrics: exporters?.metric !== undefined || settings.metrics !== "none",
  };
  tracesUrl(settings);
  metricsUrl(settings);
  const spans = new SpanBuffer();
  const meters = new DeferredMeterProvider(() => void load());
  const tracerProvider = new BasicTracerProvider({
    resource,
    sampler: createSampler(sampler, samplerArg),
    spanProcessors: exported.traces ? [spans] : [],
  });

  let loading: Promise<Signals> | undefined;
  let signals: Signals | undefined;
  function load(): Promise<Signals> {
    loading ??= import("#telemetry/export/signals.ts").then(async ({ createSignals }) => {
      signals = await createSignals(settings, resource, spans, meters);
      return signals;
    });
    return loading;
  }

  const signal = (name: keyof Signals, end = async () => {}): Signal => ({
    get state() {
      const breaker = exported[name] ? "closed" : "none";
      return signals?.[name]?.state ?? { exported: 0, retained: 0, dropped: 0, breaker };
    },
    async flush(budgetMs, last) {
      if (!exported[name] || (!loading && spans.isEmpty && meters.isEmpty)) return;
      let left = budgetMs;
      if (!signals) {
        const started = performance.now();
        await load();
        // Less by a little, to be done before whoever waits for it gives up.
        left = Math.floor(budgetMs - (performance.now() - started)) - 1;
      }
      // Also when nothing can be sent: in the SDK recordings add up in little space.
      meters.passOn();
      await signals?.[name]?.flush(left, last);
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
