import { ConsoleMetricExporter, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { TelemetrySettings } from "#telemetry/settings.ts";
import { metricsUrl, tracesUrl } from "./endpoints.ts";
import { otlpMetricTransport, otlpSpanTransport } from "./otlp-transport.ts";
import { sdkExporterTransport } from "./sdk-exporter-transport.ts";
import type { Transport } from "./transport.ts";

/** The way out for spans; absent where they are not exported. */
export function spanTransport(settings: TelemetrySettings): Transport<ReadableSpan[], unknown> | undefined {
  const { exporters, traces, timeoutMs } = settings;
  if (exporters?.span) return sdkExporterTransport(exporters.span, timeoutMs);
  if (traces === "console") return sdkExporterTransport(new ConsoleSpanExporter(), timeoutMs);
  const url = tracesUrl(settings);
  return url && otlpSpanTransport({ ...settings, url });
}

/** The way out for metrics; absent where they are not exported. */
export function metricTransport(settings: TelemetrySettings): Transport<ResourceMetrics, unknown> | undefined {
  const { exporters, metrics, timeoutMs } = settings;
  if (exporters?.metric) return sdkExporterTransport(exporters.metric, timeoutMs);
  if (metrics === "console") return sdkExporterTransport(new ConsoleMetricExporter(), timeoutMs);
  const url = metricsUrl(settings);
  return url && otlpMetricTransport({ ...settings, url });
}
