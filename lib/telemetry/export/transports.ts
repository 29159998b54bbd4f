import { ConsoleMetricExporter, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { setDeferredDocuments } from "#telemetry/record/span-documents.ts";
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
  if (exporters?.span) return settingDocuments(sdkExporterTransport(exporters.span, { timeoutMs }));
  if (traces === "console") return settingDocuments(sdkExporterTransport(new ConsoleSpanExporter(), { timeoutMs }));
  if (!endpoint) return undefined;
  const encoding = endpoint.protocol === "http/protobuf" ? (await import("./protobuf.ts")).PROTOBUF_SPANS : undefined;
  if (otlpExporter === "opentelemetry")
    return settingDocuments((await import("./stock-transports.ts")).stockSpanTransport(endpoint, encoding));
  const transport = otlpSpanTransport(endpoint, encoding, requestBound?.fetch);
  return encoding ? settingDocuments(transport) : transport;
}

/** For all but the JSON of ours, which writes documents itself. */
function settingDocuments<Content>(transport: Transport<ReadableSpan[], Content>): Transport<ReadableSpan[], Content> {
  return {
    ...transport,
    serialize(spans) {
      setDeferredDocuments(spans);
      return transport.serialize(spans);
    },
  };
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
