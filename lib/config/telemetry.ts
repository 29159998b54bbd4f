/** Settings of telemetry: those of the OpenTelemetry specification, and our own. */
import * as z from "zod/mini";
import {
  enumOf,
  flag,
  headers,
  hosts,
  httpUrl,
  number,
  oneOf,
  optionalEnum,
  pairs,
  propagators,
  timeout,
  unsupported,
  wholeNumber,
} from "./fields.ts";

/** The specification's; on Lambda nothing listens there. */
export const DEFAULT_ENDPOINT = "http://localhost:4318";

const EXPORTERS = ["otlp", "console", "none"] as const;
const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

const LIMIT = wholeNumber(0, 2 ** 31 - 1);

const protocol = optionalEnum(
  ["http/json", "http/protobuf"],
  "must be http/protobuf or http/json; grpc is not supported: set http/protobuf and the URL of the collector's OTLP/HTTP port, usually 4318",
);
const compression = optionalEnum(["gzip", "none"]);
const timeoutMs = timeout(600_000);
const path = z.optional(z.string());

const telemetry = z.object({
  OTEL_ENABLED: flag(true),
  OTEL_SDK_DISABLED: enumOf(["true", "false"], "false"),
  OTEL_SERVICE_NAME: z.optional(z.string()),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_TRACES_EXPORTER: enumOf(EXPORTERS, "otlp"),
  OTEL_METRICS_EXPORTER: enumOf(EXPORTERS, "otlp"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z._default(httpUrl, DEFAULT_ENDPOINT),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.optional(httpUrl),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: z.optional(httpUrl),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: headers,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers,
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: headers,
  OTEL_EXPORTER_OTLP_TIMEOUT: timeoutMs,
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: timeoutMs,
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: timeoutMs,
  OTEL_EXPORTER_OTLP_COMPRESSION: compression,
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: compression,
  OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: compression,
  OTEL_EXPORTER_OTLP_CERTIFICATE: path,
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: path,
  OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: path,
  OTEL_EXPORTER_OTLP_CLIENT_KEY: path,
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: path,
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: path,
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: path,
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: path,
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: path,
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: optionalEnum(["delta", "cumulative", "lowmemory"]),
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: optionalEnum(
    ["explicit_bucket_histogram"],
    "must be explicit_bucket_histogram: dashboard and alerts query its buckets",
  ),
  OTEL_METRICS_EXEMPLAR_FILTER: optionalEnum(
    ["trace_based", "always_off"],
    "must be trace_based or always_off: exemplars are made by the collector, from sampled traces",
  ),
  RAG_OTLP_EXPORTER: oneOf(["built-in", "opentelemetry"], "built-in"),
  OTEL_TRACES_SAMPLER: enumOf(SAMPLERS, "parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: number(0, 1, 1),
  OTEL_PROPAGATORS: propagators,
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: LIMIT,
  OTEL_ATTRIBUTE_COUNT_LIMIT: LIMIT,
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: LIMIT,
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: LIMIT,
  OTEL_SPAN_EVENT_COUNT_LIMIT: LIMIT,
  OTEL_SPAN_LINK_COUNT_LIMIT: LIMIT,
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: LIMIT,
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: LIMIT,
  OTEL_CONFIG_FILE: unsupported("is not supported: set the variables of OpenTelemetry instead of a file"),
  OTEL_EXPERIMENTAL_CONFIG_FILE: unsupported("is not supported: set the variables of OpenTelemetry instead of a file"),
  OTEL_ENTITIES: unsupported("is not supported: set OTEL_RESOURCE_ATTRIBUTES instead"),
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: flag(false),
  RAG_TELEMETRY_RETAINED_BYTES: number(0, 2 ** 30, 4 * 2 ** 20),
  RAG_GROUNDEDNESS_SAMPLE: number(0, 1, 1),
  RAG_GROUNDEDNESS_BUDGET_MS: number(1, 1_000, 50),
  RAG_PROPAGATE_TO: hosts,
  RAG_TRACE_EDGE: oneOf(["internal", "public"], "internal"),
  AWS_XRAY_DAEMON_ADDRESS: z.optional(z.string()),
  POWERTOOLS_TRACE_ENABLED: flag(true),
});
export const telemetryFields = telemetry.shape;

type Settings = z.output<typeof telemetry>;
type Signal = "TRACES" | "METRICS";

/** How OTLP is sent. */
export interface OtlpConfig {
  headers: Record<string, string>;
  timeoutMs: number;
  compression: "gzip" | "none";
  protocol?: "http/json" | "http/protobuf";
  /** Paths of PEM files. */
  certificate?: string;
  clientKey?: string;
  clientCertificate?: string;
}

export interface TelemetryConfig extends OtlpConfig {
  enabled: boolean;
  serviceName: string;
  resourceAttributes: Record<string, string>;
  traces: (typeof EXPORTERS)[number];
  metrics: (typeof EXPORTERS)[number];
  endpoint: string;
  tracesEndpoint?: string;
  metricsEndpoint?: string;
  /** What differs for one signal. */
  signals?: { traces: Partial<OtlpConfig>; metrics: Partial<OtlpConfig> };
  temporality?: "delta" | "cumulative" | "lowmemory";
  otlpExporter: "built-in" | "opentelemetry";
  sampler: (typeof SAMPLERS)[number];
  samplerArg: number;
  propagators: readonly ("tracecontext" | "baggage")[];
  spanLimits?: Partial<Record<SpanLimit, number>>;
  retainedBytes: number;
  /** The share of answers whose groundedness is computed, and milliseconds that this may take before each flush. */
  groundedness: { sample: number; budgetMs: number };
  propagateTo: readonly string[];
  edge: "internal" | "public";
  xray: boolean;
  captureContent: boolean;
}

type SpanLimit =
  | "attributeValueLengthLimit"
  | "attributeCountLimit"
  | "eventCountLimit"
  | "linkCountLimit"
  | "attributePerEventCountLimit"
  | "attributePerLinkCountLimit";

/** Whether the environment turns telemetry off. Needs no other setting to be valid: turning it off must always work. */
export function isTelemetryOff(env: Readonly<Record<string, string | undefined>>): boolean {
  return /^(?:false|0)$/i.test(env.OTEL_ENABLED ?? "") || /^\s*true\s*$/i.test(env.OTEL_SDK_DISABLED ?? "");
}

export function toTelemetry(settings: Settings): TelemetryConfig {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: metricsEndpoint } =
    settings;
  const { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality } = settings;
  const general = {
    ...{ headers: settings.OTEL_EXPORTER_OTLP_HEADERS, timeoutMs: settings.OTEL_EXPORTER_OTLP_TIMEOUT ?? 10_000 },
    ...{ compression: settings.OTEL_EXPORTER_OTLP_COMPRESSION ?? "none" },
    ...defined({
      protocol: settings.OTEL_EXPORTER_OTLP_PROTOCOL,
      certificate: settings.OTEL_EXPORTER_OTLP_CERTIFICATE,
      clientKey: settings.OTEL_EXPORTER_OTLP_CLIENT_KEY,
      clientCertificate: settings.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
    }),
  };
  const signals = { traces: ofSignal(settings, "TRACES"), metrics: ofSignal(settings, "METRICS") };
  const spanLimits = toSpanLimits(settings);
  return {
    enabled: settings.OTEL_ENABLED,
    serviceName: settings.OTEL_SERVICE_NAME ?? settings.OTEL_RESOURCE_ATTRIBUTES["service.name"] ?? "edge-rag",
    resourceAttributes: settings.OTEL_RESOURCE_ATTRIBUTES,
    traces: settings.OTEL_TRACES_EXPORTER,
    metrics: settings.OTEL_METRICS_EXPORTER,
    endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    ...(tracesEndpoint && { tracesEndpoint }),
    ...(metricsEndpoint && { metricsEndpoint }),
    ...general,
    ...(Object.values(signals).some((signal) => Object.keys(signal).length > 0) && { signals }),
    ...(temporality && { temporality }),
    otlpExporter: settings.RAG_OTLP_EXPORTER,
    sampler: settings.OTEL_TRACES_SAMPLER,
    samplerArg: settings.OTEL_TRACES_SAMPLER_ARG,
    propagators: settings.OTEL_PROPAGATORS,
    ...(Object.keys(spanLimits).length > 0 && { spanLimits }),
    retainedBytes: settings.RAG_TELEMETRY_RETAINED_BYTES,
    groundedness: { sample: settings.RAG_GROUNDEDNESS_SAMPLE, budgetMs: settings.RAG_GROUNDEDNESS_BUDGET_MS },
    propagateTo: settings.RAG_PROPAGATE_TO,
    edge: settings.RAG_TRACE_EDGE,
    xray: settings.AWS_XRAY_DAEMON_ADDRESS !== undefined && settings.POWERTOOLS_TRACE_ENABLED,
    captureContent: settings.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT,
  };
}

/** Headers of a signal are added to the general ones; everything else replaces the general value. */
function ofSignal(settings: Settings, signal: Signal): Partial<OtlpConfig> {
  const headers = settings[`OTEL_EXPORTER_OTLP_${signal}_HEADERS`];
  return {
    ...(Object.keys(headers).length > 0 && { headers: { ...settings.OTEL_EXPORTER_OTLP_HEADERS, ...headers } }),
    ...defined({
      timeoutMs: settings[`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`],
      compression: settings[`OTEL_EXPORTER_OTLP_${signal}_COMPRESSION`],
      protocol: settings[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`],
      certificate: settings[`OTEL_EXPORTER_OTLP_${signal}_CERTIFICATE`],
      clientKey: settings[`OTEL_EXPORTER_OTLP_${signal}_CLIENT_KEY`],
      clientCertificate: settings[`OTEL_EXPORTER_OTLP_${signal}_CLIENT_CERTIFICATE`],
    }),
  };
}

function toSpanLimits(settings: Settings): Partial<Record<SpanLimit, number>> {
  return defined({
    attributeValueLengthLimit:
      settings.OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT ?? settings.OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT,
    attributeCountLimit: settings.OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT ?? settings.OTEL_ATTRIBUTE_COUNT_LIMIT,
    eventCountLimit: settings.OTEL_SPAN_EVENT_COUNT_LIMIT,
    linkCountLimit: settings.OTEL_SPAN_LINK_COUNT_LIMIT,
    attributePerEventCountLimit: settings.OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT,
    attributePerLinkCountLimit: settings.OTEL_LINK_ATTRIBUTE_COUNT_LIMIT,
  });
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
