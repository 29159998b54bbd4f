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

/** Who calls: own services, whose traces continue here, or the public, whose traces are only linked. */
export type Edge = "internal" | "public";

/** Settings as plain values: lib/config reads them from the environment. */
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
  /** Milliseconds one request to the collector may take. */
  timeoutMs: number;
  compression: "gzip" | "none";
  sampler: SamplerName;
  /** The ratio of the `traceidratio` samplers, in [0, 1]. */
  samplerArg: number;
  propagators: readonly PropagatorName[];
  /** Hosts that get trace headers from `Telemetry.fetch`, by name for any port or as `host:port`; by default none. */
  propagateTo?: readonly string[];
  /** By default internal. */
  edge?: Edge;
  /** Whether to link X-Ray's traces and annotate them with ours; off by default. */
  xray?: boolean;
  /** Bytes of spans, and of metrics, that may wait for a collector that does not take them; 4 MiB by default. */
  retainedBytes?: number;
  /** What the platform reports about this process, for the resource. */
  platform?: Platform;
  /** Whether spans may hold questions, sources, answers and error messages. */
  captureContent: boolean;
  /** What sends over OTLP: the built-in exporter, which is the default, or OpenTelemetry's own. */
  otlpExporter?: "built-in" | "opentelemetry";
  /** In place of the named exporters; for tests. */
  exporters?: { span?: SpanExporter; metric?: PushMetricExporter };
}

/** The names under which telemetry sends its own requests and metrics. */
export interface SelfNames {
  /** `user-agent` of requests to the collector, and prefix of the Lambda extension's name. */
  product: string;
  /** Scope of the metrics about telemetry itself, and its version. */
  scope: string;
  version: string;
  /** Prefix of those metrics that no semantic convention names: `<prefix>_flush_duration_seconds`. */
  metricPrefix: string;
}

/** Settings of what records and exports, with the names of the project that uses it. */
export interface ExportSettings extends TelemetrySettings {
  names: SelfNames;
}

/** Where a function runs. On AWS Lambda most of it comes from environment variables, named here. */
export interface Platform {
  /** `cloud.provider`: "aws". */
  provider?: string | undefined;
  /** `cloud.platform`: "aws_lambda". */
  name?: string | undefined;
  /** `cloud.region`: AWS_REGION. */
  region?: string | undefined;
  /** `faas.name`: AWS_LAMBDA_FUNCTION_NAME. */
  functionName?: string | undefined;
  /** `faas.version`: AWS_LAMBDA_FUNCTION_VERSION. */
  functionVersion?: string | undefined;
  /** `faas.instance`: AWS_LAMBDA_LOG_STREAM_NAME. */
  instance?: string | undefined;
  /** `faas.max_memory`, here in MiB: AWS_LAMBDA_FUNCTION_MEMORY_SIZE. */
  memoryMiB?: number | undefined;
}
