import type { TelemetrySettings } from "#telemetry/settings.ts";

/** The URL for spans; `undefined` when they are not exported over OTLP. @throws TypeError when the endpoint is not a URL */
export function tracesUrl({ exporters, traces, tracesEndpoint, endpoint }: TelemetrySettings): URL | undefined {
  if (exporters?.span || traces !== "otlp") return undefined;
  return new URL(tracesEndpoint ?? signalUrl(endpoint, "v1/traces"));
}

/** The URL for metrics; `undefined` when they are not exported over OTLP. @throws TypeError when the endpoint is not a URL */
export function metricsUrl({ exporters, metrics, metricsEndpoint, endpoint }: TelemetrySettings): URL | undefined {
  if (exporters?.metric || metrics !== "otlp") return undefined;
  return new URL(metricsEndpoint ?? signalUrl(endpoint, "v1/metrics"));
}

/** A path in the base URL is kept (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP"). */
function signalUrl(base: string, path: string): string {
  return `${base.replace(/\/+$/, "")}/${path}`;
}
