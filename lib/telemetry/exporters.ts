import type { OTLPMetricExporterOptions } from "@opentelemetry/exporter-metrics-otlp-http";
import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { ConsoleMetricExporter, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import { ConsoleSpanExporter, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { TelemetrySettings } from "./settings.ts";

/** Loads an exporter; absent where a signal is not exported. */
export type Load<Exporter> = (() => Promise<Exporter>) | undefined;

/** @throws TypeError when the endpoint is no URL */
export function spanExporter(settings: TelemetrySettings): Load<SpanExporter> {
  const given = settings.exporters?.span;
  if (given) return async () => given;
  if (settings.traces === "none") return undefined;
  if (settings.traces === "console") return async () => new ConsoleSpanExporter();
  const options = otlpOptions(settings, settings.tracesEndpoint ?? signalUrl(settings.endpoint, "v1/traces"));
  return async () => {
    const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
    return new OTLPTraceExporter(options);
  };
}

/** @throws TypeError when the endpoint is no URL */
export function metricExporter(settings: TelemetrySettings): Load<PushMetricExporter> {
  const given = settings.exporters?.metric;
  if (given) return async () => given;
  if (settings.metrics === "none") return undefined;
  if (settings.metrics === "console") return async () => new ConsoleMetricExporter();
  const options = otlpOptions(settings, settings.metricsEndpoint ?? signalUrl(settings.endpoint, "v1/metrics"));
  return async () => {
    const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
    return new OTLPMetricExporter(options);
  };
}

type OtlpOptions = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]> & OTLPMetricExporterOptions;

/** Milliseconds to connect. The exporter's own timeout starts only once the socket is connected. */
const CONNECT_TIMEOUT_MS = 1_000;

function otlpOptions({ headers, timeoutMs, compression }: TelemetrySettings, url: string): OtlpOptions {
  return {
    url: new URL(url).href,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    compression: compression as NonNullable<OtlpOptions["compression"]>,
    httpAgentOptions: { keepAlive: true, timeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS) },
  };
}

/** A path in the base URL stays (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP"). */
function signalUrl(base: string, path: string): string {
  return `${base.replace(/\/+$/, "")}/${path}`;
}
