import { ConsoleMetricExporter, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { TelemetrySettings } from "#telemetry/settings.ts";
import { metricsUrl, tracesUrl } from "./endpoints.ts";
import { otlpMetrics, otlpSpans } from "./otlp-transport.ts";
import { exporterChannel } from "./sdk-exporter-transport.ts";
import type { Channel } from "./transport.ts";

/** The way out for spans; absent where they are not exported. */
export function spanChannel(settings: TelemetrySettings): Channel<ReadableSpan[], unknown> | undefined {
  const { exporters, traces, timeoutMs } = settings;
  if (exporters?.span) return exporterChannel(exporters.span, timeoutMs);
  if (traces === "console") return exporterChannel(new ConsoleSpanExporter(), timeoutMs);
  const url = tracesUrl(settings);
  return url && otlpSpans({ ...settings, url });
}

/** The way out for metrics; absent where they are not exported. */
export function metricChannel(settings: TelemetrySettings): Channel<ResourceMetrics, unknown> | undefined {
  const { exporters, metrics, timeoutMs } = settings;
  if (exporters?.metric) return exporterChannel(exporters.metric, timeoutMs);
  if (metrics === "console") return exporterChannel(new ConsoleMetricExporter(), timeoutMs);
  const url = metricsUrl(settings);
  return url && otlpMetrics({ ...settings, url });
}
