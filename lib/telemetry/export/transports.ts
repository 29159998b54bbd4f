import { ConsoleMetricExporter, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { TelemetrySettings } from "#telemetry/settings.ts";
import type { OtlpEndpoint } from "./otlp-http.ts";
import { otlpMetricTransport, otlpSpanTransport } from "./otlp-transport.ts";
import { sdkExporterTransport } from "./sdk-exporter-transport.ts";
import type { Transport } from "./transport.ts";

/** The transport for spans; `undefined` when they are not exported. */
export async function spanTransport(
  { exporters, traces, timeoutMs, otlpExporter, requestBound }: TelemetrySettings,
  endpoint: OtlpEndpoint | undefined,
): Promise<Transport<ReadableSpan[], unknown> | undefined> {
  if (exporters?.span) return sdkExporterTransport(exporters.span, { timeoutMs });
  if (traces === "console") return sdkExporterTransport(new ConsoleSpanExporter(), { timeoutMs });
  if (!endpoint) return undefined;
  const encoding = endpoint.protocol === "http/protobuf" ? (await import("./protobuf.ts")).PROTOBUF_SPANS : undefined;
  if (otlpExporter !== "opentelemetry") return otlpSpanTransport(endpoint, encoding, requestBound?.fetch);
  return (await import("./stock-transports.ts")).stockSpanTransport(endpoint, encoding);
}

/** The transport for metrics; `undefined` when they are not exported. */
export async function metricTransport(
  { exporters, metrics, timeoutMs, otlpExporter, requestBound }: TelemetrySettings,
  endpoint: OtlpEndpoint | undefined,
): Promise<Transport<ResourceMetrics, unknown> | undefined> {
  if (exporters?.metric) return sdkExporterTransport(exporters.metric, { timeoutMs });
  if (metrics === "console") return sdkExporterTransport(new ConsoleMetricExporter(), { timeoutMs });
  if (!endpoint) return undefined;
  const encoding = endpoint.protocol === "http/protobuf" ? (await import("./protobuf.ts")).PROTOBUF_METRICS : undefined;
  if (otlpExporter !== "opentelemetry") return otlpMetricTransport(endpoint, encoding, requestBound?.fetch);
  return (await import("./stock-transports.ts")).stockMetricTransport(endpoint, encoding);
}
