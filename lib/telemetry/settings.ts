import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { SpanExporter, SpanLimits } from "@opentelemetry/sdk-trace-base";

export type ExporterName = "otlp" | "console" | "none";

export type OtlpProtocol = "http/json" | "http/protobuf";

/** Delta for everything that has deltas, for nothing, or for what needs no memory of past values. */
export type Temporality = "delta" | "cumulative" | "lowmemory";

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

/** How OTLP is sent. */
export interface OtlpSettings {
  headers: Readonly<Record<string, string>>;
  /** Milliseconds one request to the collector may take. */
  timeoutMs: number;
  compression: "gzip" | "none";
  /** By default http/json. */
  protocol?: OtlpProtocol;
  /** Path of the PEM file with the certificates that are trusted instead of Node's. */
  certificate?: string;
  /** Paths of the PEM files of the client's own certificate and its key. */
  clientKey?: string;
  clientCertificate?: string;
}

/** Settings as plain values: lib/config reads them from the environment. */
export interface TelemetrySettings extends OtlpSettings {
  serviceName: string;
  resourceAttributes: Readonly<Record<string, string>>;
  traces: ExporterName;
  metrics: ExporterName;
  /** Base URL of the collector; `/v1/traces` and `/v1/metrics` are appended. */
  endpoint: string;
  /** Full URLs, used as they are instead of the base. */
  tracesEndpoint?: string;
  metricsEndpoint?: string;
  /** What differs for one signal. */
  signals?: Readonly<Partial<Record<"traces" | "metrics", Partial<OtlpSettings>>>>;
  /** By default delta. */
  temporality?: Temporality;
  sampler: SamplerName;
  /** The ratio of the `traceidratio` samplers, in [0, 1]. */
  samplerArg: number;
  propagators: readonly PropagatorName[];
  /** What differs from the SDK's limits. */
  spanLimits?: Readonly<SpanLimits>;
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
  /** The share of answers that are evaluated, and the milliseconds that this may take before a flush; by default none. */
  groundedness?: { sample: number; budgetMs: number };
  /** What sends over OTLP: the built-in exporter, which is the default, or OpenTelemetry's own. */
  otlpExporter?: "built-in" | "opentelemetry";
  /**
   * Where connections and promises belong to the request that made them, as in Cloudflare's workerd: what sends to the
   * collector. No request then waits for the flush of another.
   */
  requestBound?: { fetch: typeof globalThis.fetch };
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

/** A collector refuses a signal, all of it or a part, and will refuse it again. */
export interface Refusal {
  signal: "traces" | "metrics";
  /** An HTTP status, the code of a TLS error, or "rejected" for a part of the data. */
  reason: string;
  /** What to do about it. */
  advice: string;
  /** When the first of these refusals was. */
  since: Date;
}

/** A refusal to be logged, without secrets. */
export interface RefusalReport extends Refusal {
  /** Without credentials and query. */
  endpoint: string;
  /** What the collector said. */
  said?: string;
}

/** Settings of what records and exports, with the names of the project that uses it. */
export interface ExportSettings extends TelemetrySettings {
  names: SelfNames;
  /** Called at most once an hour for each reason why a collector refuses a signal. */
  onRefused?: (refusal: RefusalReport) => void;
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
