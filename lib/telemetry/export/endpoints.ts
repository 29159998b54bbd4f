import type { TelemetrySettings } from "#telemetry/settings.ts";

/** Where spans go over OTLP, if they do. @throws TypeError when the endpoint is no URL */
export function tracesUrl({ exporters, traces, tracesEndpoint, endpoint }: TelemetrySettings): URL | undefined {
  if (exporters?.span || traces !== "otlp") return undefined;
  return new URL(tracesEndpoint ?? signalUrl(endpoint, "v1/traces"));
}

/** Where metrics go over OTLP, if they do. @throws TypeError when the endpoint is no URL */
export function metricsUrl({ exporters, metrics, metricsEndpoint, endpoint }: TelemetrySettings): URL | undefined {
  if (exporters?.metric || metrics !== "otlp") return undefined;
  return new URL(metricsEndpoint ?? signalUrl(endpoint, "v1/metrics"));
}

/** A path in the base URL stays (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP"). */
function signalUrl(base: string, path: string): string {
  return `${base.replace(/\/+$/, "")}/${path}`;
}
