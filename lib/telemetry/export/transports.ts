import { ConsoleMetricExporter, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { ExportSettings } from "#telemetry/settings.ts";
import { metricsUrl, tracesUrl } from "./endpoints.ts";
import { otlpMetricTransport, otlpSpanTransport } from "./otlp-transport.ts";
import { sdkExporterTransport } from "./sdk-exporter-transport.ts";
import type { Transport } from "./transport.ts";

/** The transport for spans; `undefined` when they are not exported. */
export async function spanTransport(settings: ExportSettings): Promise<Transport<ReadableSpan[], unknown> | undefined> {
  const { exporters, traces, timeoutMs, otlpExporter, names } = settings;
  if (exporters?.span) return sdkExporterTransport(exporters.span, { timeoutMs });
  if (traces === "console") return sdkExporterTransport(new ConsoleSpanExporter(), { timeoutMs });
  const url = tracesUrl(settings);
  if (!url) return undefined;
  const endpoint = { ...settings, url, userAgent: names.product };
  if (otlpExporter !== "opentelemetry") return otlpSpanTransport(endpoint);
  return (await import("./stock-transports.ts")).stockSpanTransport(endpoint);
}

/** The transport for metrics; `undefined` when they are not exported. */
export async function metricTransport(
  settings: ExportSettings,
): Promise<Transport<ResourceMetrics, unknown> | undefined> {
  const { exporters, metrics, timeoutMs, otlpExporter, names } = settings;
  if (exporters?.metric) return sdkExporterTransport(exporters.metric, { timeoutMs });
  if (metrics === "console") return sdkExporterTransport(new ConsoleMetricExporter(), { timeoutMs });
  const url = metricsUrl(settings);
  if (!url) return undefined;
  const endpoint = { ...settings, url, userAgent: names.product };
  if (otlpExporter !== "opentelemetry") return otlpMetricTransport(endpoint);
  return (await import("./stock-transports.ts")).stockMetricTransport(endpoint);
}
