import { type MeterProvider, ValueType } from "@opentelemetry/api";
import { SCHEMA_URL } from "#telemetry/sdk/schema-url.ts";
import type { SelfNames } from "#telemetry/settings.ts";
import type { ExportObserver } from "./outbox.ts";

/** Seconds. */
const FLUSH_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the semantic conventions call the items of a signal. */
const ITEM = { traces: "span", metrics: "metric_data_point" } as const;

/**
 * Metrics about the export of a signal. Those that the OpenTelemetry SDK conventions define have their names
 * (https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/), except `inflight`: an up-down counter has no delta and
 * would be sent with every flush. All are counters and histograms: unlike gauges, those of a thousand environments add
 * up to one series.
 *
 * @param onProblem called when something was not sent
 */
export function createSelfMetrics(
  provider: MeterProvider,
  signal: keyof typeof ITEM,
  { scope, version, metricPrefix }: SelfNames,
  onProblem = () => {},
): ExportObserver {
  const meter = provider.getMeter(scope, version, { schemaUrl: SCHEMA_URL });
  const item = ITEM[signal];
  const exported = meter.createCounter(`otel.sdk.exporter.${item}.exported`, {
    unit: `{${item}}`,
    description: "Items whose export has finished; with error.type those that were dropped.",
    valueType: ValueType.INT,
  });
  const requestDuration = meter.createHistogram("otel.sdk.exporter.operation.duration", {
    unit: "s",
    description: "Duration of a request to the collector.",
    // As in the SDK's own exporters: count and sum are enough.
    advice: { explicitBucketBoundaries: [] },
  });
  const flushDuration = meter.createHistogram(`${metricPrefix}_flush_duration_seconds`, {
    unit: "s",
    description: "Duration of a flush, with the time it waited for another.",
    advice: { explicitBucketBoundaries: FLUSH_SECONDS },
  });
  const retained = meter.createCounter(`${metricPrefix}_retained_total`, {
    unit: `{${item}}`,
    description: "Items that a flush could not send and retained for a later one.",
    valueType: ValueType.INT,
  });
  const breakerOpened = meter.createCounter(`${metricPrefix}_breaker_opened_total`, {
    unit: "{time}",
    description: "Number of times the circuit breaker opened.",
    valueType: ValueType.INT,
  });

  const attributes = { signal };
  function failed(errorType: string | undefined) {
    if (errorType === undefined) return undefined;
    onProblem();
    return { "error.type": errorType };
  }
  let wasOpen = false;
  return {
    itemsFinished: (items, errorType) => exported.add(items, { ...failed(errorType) }),
    requestEnded: (seconds, errorType) => requestDuration.record(seconds, { ...attributes, ...failed(errorType) }),
    flushEnded: (seconds) => flushDuration.record(seconds, attributes),
    stateChanged(newlyRetained, breaker) {
      if (newlyRetained > 0) {
        retained.add(newlyRetained, attributes);
        onProblem();
      }
      if (breaker !== "closed" && !wasOpen) breakerOpened.add(1, attributes);
      wasOpen = breaker !== "closed";
    },
  };
}
