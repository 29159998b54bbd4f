import type { MeterProvider } from "@opentelemetry/api";
import type { ExportObserver } from "./retrying-exporter.ts";

/** The meter of what telemetry says about itself. */
export const SELF = "edge-rag/telemetry";

/** Seconds. */
const FLUSH_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the conventions call the items of a signal. */
const ITEM = { traces: "span", metrics: "metric_data_point" } as const;

/**
 * Metrics about the export of a signal. What the OpenTelemetry SDK conventions name has their name
 * (https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/), but for `inflight`: being no delta, an up-down
 * counter would be sent again with each flush. All are counters and histograms: unlike gauges, those of a thousand
 * environments add up to one series.
 */
export function createSelfMetrics(provider: MeterProvider, signal: keyof typeof ITEM): ExportObserver {
  const meter = provider.getMeter(SELF);
  const item = ITEM[signal];
  const exported = meter.createCounter(`otel.sdk.exporter.${item}.exported`, {
    unit: `{${item}}`,
    description: "Items whose export has finished; with error.type those that were dropped.",
  });
  const duration = meter.createHistogram("otel.sdk.exporter.operation.duration", {
    unit: "s",
    description: "Duration of a request to the collector.",
    // As in the SDK's own exporters: count and sum are enough.
    advice: { explicitBucketBoundaries: [] },
  });
  const flush = meter.createHistogram("rag_telemetry_flush_duration_seconds", {
    unit: "s",
    description: "Time a flush took or waited.",
    advice: { explicitBucketBoundaries: FLUSH_SECONDS },
  });
  const retained = meter.createCounter("rag_telemetry_retained_total", {
    unit: `{${item}}`,
    description: "Items that a flush could not send and kept for a later one.",
  });
  const opened = meter.createCounter("rag_telemetry_breaker_opened_total", {
    unit: "{time}",
    description: "Times the collector was given up for a while.",
  });

  const about = { signal };
  const failed = (errorType: string | undefined) => errorType !== undefined && { "error.type": errorType };
  let gaveUp = false;
  return {
    finished: (items, errorType) => exported.add(items, { ...failed(errorType) }),
    attempted: (seconds, errorType) => duration.record(seconds, { ...about, ...failed(errorType) }),
    flushed: (seconds) => flush.record(seconds, about),
    rested(late, breaker) {
      if (late > 0) retained.add(late, about);
      if (breaker !== "closed" && !gaveUp) opened.add(1, about);
      gaveUp = breaker !== "closed";
    },
  };
}
