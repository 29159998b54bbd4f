import type { OtlpSettings, TelemetrySettings } from "#telemetry/settings.ts";
import type { OtlpEndpoint } from "./otlp-http.ts";
import { readTlsFiles } from "./tls-files.ts";

/** Where and how the signals are sent over OTLP; `undefined` for one that is not. */
export interface OtlpEndpoints {
  traces: OtlpEndpoint | undefined;
  metrics: OtlpEndpoint | undefined;
}

/** The settings that say where and how the signals are sent. */
type ExportSettings = OtlpSettings &
  Pick<
    TelemetrySettings,
    "exporters" | "traces" | "metrics" | "endpoint" | "tracesEndpoint" | "metricsEndpoint" | "signals"
  >;

/**
 * @param userAgent of the requests
 * @throws TypeError when an endpoint is not a URL; Error when a certificate cannot be read
 */
export function otlpEndpoints(settings: ExportSettings, userAgent: string): OtlpEndpoints {
  const { exporters, endpoint, tracesEndpoint, metricsEndpoint } = settings;
  const of = (signal: keyof OtlpEndpoints, url: string): OtlpEndpoint => {
    const { protocol = "http/json", ...own } = { ...settings, ...settings.signals?.[signal] };
    const { headers, compression, timeoutMs } = own;
    return { url: new URL(url), headers, compression, timeoutMs, protocol, userAgent, tls: readTlsFiles(own) };
  };
  return {
    traces:
      exporters?.span || settings.traces !== "otlp"
        ? undefined
        : of("traces", tracesEndpoint ?? signalUrl(endpoint, "v1/traces")),
    metrics:
      exporters?.metric || settings.metrics !== "otlp"
        ? undefined
        : of("metrics", metricsEndpoint ?? signalUrl(endpoint, "v1/metrics")),
  };
}

/** A path in the base URL is kept (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP"). */
function signalUrl(base: string, path: string): string {
  return `${base.replace(/\/+$/, "")}/${path}`;
}
