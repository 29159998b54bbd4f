import { ConsoleMetricExporter, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { TelemetrySettings } from "#telemetry/settings.ts";
import { metricsUrl, tracesUrl } from "./endpoints.ts";
import { otlpMetricTransport, otlpSpanTransport } from "./otlp-transport.ts";
import { sdkExporterTransport } from "./sdk-exporter-transport.ts";
import type { Transport } from "./transport.ts";

/** The transport for spans; absent where they are not exported. */
export async function spanTransport(
  settings: TelemetrySettings,
): Promise<Transport<ReadableSpan[], unknown> | undefined> {
  const { exporters, traces, timeoutMs, otlpExporter } = settings;
  if (exporters?.span) return sdkExporterTransport(exporters.span, { timeoutMs });
  if (traces === "console") return sdkExporterTransport(new ConsoleSpanExporter(), { timeoutMs });
  const url = tracesUrl(settings);
  if (!url) return undefined;
  if (otlpExporter !== "opentelemetry") return otlpSpanTransport({ ...settings, url });
  return (await import("./stock-transports.ts")).stockSpanTransport({ ...settings, url });
}

/** The transport for metrics; absent where they are not exported. */
export async function metricTransport(
  settings: TelemetrySettings,
): Promise<Transport<ResourceMetrics, unknown> | undefined> {
  const { exporters, metrics, timeoutMs, otlpExporter } = settings;
  if (exporters?.metric) return sdkExporterTransport(exporters.metric, { timeoutMs });
  if (metrics === "console") return sdkExporterTransport(new ConsoleMetricExporter(), { timeoutMs });
  const url = metricsUrl(settings);
  if (!url) return undefined;
  if (otlpExporter !== "opentelemetry") return otlpMetricTransport({ ...settings, url });
  return (await import("./stock-transports.ts")).stockMetricTransport({ ...settings, url });
}
