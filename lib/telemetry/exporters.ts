import { ConsoleMetricExporter, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Channel } from "./channel.ts";
import { exporterChannel } from "./exporter-channel.ts";
import { otlpMetrics, otlpSpans } from "./otlp-channel.ts";
import type { OtlpEndpoint } from "./otlp-transport.ts";
import type { TelemetrySettings } from "./settings.ts";

/**
 * The way out for spans; absent where they are not exported.
 *
 * @throws TypeError when the endpoint is no URL
 */
export function spanChannel(settings: TelemetrySettings): Channel<ReadableSpan[], unknown> | undefined {
  const { exporters, traces, timeoutMs } = settings;
  if (exporters?.span) return exporterChannel(exporters.span, timeoutMs);
  if (traces === "none") return undefined;
  if (traces === "console") return exporterChannel(new ConsoleSpanExporter(), timeoutMs);
  return otlpSpans(endpoint(settings, settings.tracesEndpoint ?? signalUrl(settings.endpoint, "v1/traces")));
}

/**
 * The way out for metrics; absent where they are not exported.
 *
 * @throws TypeError when the endpoint is no URL
 */
export function metricChannel(settings: TelemetrySettings): Channel<ResourceMetrics, unknown> | undefined {
  const { exporters, metrics, timeoutMs } = settings;
  if (exporters?.metric) return exporterChannel(exporters.metric, timeoutMs);
  if (metrics === "none") return undefined;
  if (metrics === "console") return exporterChannel(new ConsoleMetricExporter(), timeoutMs);
  return otlpMetrics(endpoint(settings, settings.metricsEndpoint ?? signalUrl(settings.endpoint, "v1/metrics")));
}

function endpoint({ headers, timeoutMs, compression }: TelemetrySettings, url: string): OtlpEndpoint {
  return { url: new URL(url), headers, timeoutMs, compression };
}

/** A path in the base URL stays (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP"). */
function signalUrl(base: string, path: string): string {
  return `${base.replace(/\/+$/, "")}/${path}`;
}
