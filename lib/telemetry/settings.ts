import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";

export type ExporterName = "otlp" | "console" | "none";

export type SamplerName =
  | "always_on"
  | "always_off"
  | "traceidratio"
  | "parentbased_always_on"
  | "parentbased_always_off"
  | "parentbased_traceidratio";

export type PropagatorName = "tracecontext" | "baggage";

/** What telemetry has to be told. Plain values: where they are read from is not its business. */
export interface TelemetrySettings {
  serviceName: string;
  resourceAttributes: Readonly<Record<string, string>>;
  traces: ExporterName;
  metrics: ExporterName;
  /** Base URL of the collector; `/v1/traces` and `/v1/metrics` are appended. */
  endpoint: string;
  /** Full URLs, used as they are instead of the base. */
  tracesEndpoint?: string;
  metricsEndpoint?: string;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds one export may take, its retries included. */
  timeoutMs: number;
  compression: "gzip" | "none";
  sampler: SamplerName;
  /** The ratio of the `traceidratio` samplers, in [0, 1]. */
  samplerArg: number;
  propagators: readonly PropagatorName[];
  /** Whether spans may hold questions, sources, answers and error messages. */
  captureContent: boolean;
  /** In place of the named exporters; for tests. */
  exporters?: { span?: SpanExporter; metric?: PushMetricExporter };
}
