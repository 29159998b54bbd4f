import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";

z.config(en());

/** Settings that cannot be used as they are; the message names every one of them, a line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

const flag = (fallback: boolean) =>
  z.pipe(
    z._default(
      z.enum(["true", "false", "1", "0"], { error: 'must be "true" or "false"' }),
      fallback ? "true" : "false",
    ),
    z.transform((text) => text === "true" || text === "1"),
  );
const oneOf = <const Values extends readonly string[]>(values: Values, fallback: Values[number]) =>
  z._default(z.enum(values, { error: `must be one of ${values.join(", ")}` }), fallback);
const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const number = (min: number, max: number, fallback: number) =>
  z._default(z.coerce.number({ error: "must be a number" }).check(z.gte(min), z.lte(max)), fallback);
/** `key1=value1,key2=value2`, values percent-encoded, as the OpenTelemetry specification has it (W3C Baggage). */
const pairs = z.pipe(
  z._default(
    z.string().check(z.refine((text) => parsePairs(text) !== undefined, "must be key=value pairs separated by commas")),
    "",
  ),
  z.transform((text) => parsePairs(text) ?? {}),
);
const propagators = z.pipe(
  z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => list(text).every((name) => ["tracecontext", "baggage", "none"].includes(name)),
          "must be a comma-separated list of tracecontext, baggage, none",
        ),
      ),
    "tracecontext,baggage",
  ),
  z.transform((text) => list(text).filter((name): name is "tracecontext" | "baggage" => name !== "none")),
);

const environment = z.object({
  OTEL_ENABLED: flag(true),
  OTEL_SERVICE_NAME: z._default(z.string(), "edge-rag"),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_TRACES_EXPORTER: oneOf(["otlp", "console", "none"], "otlp"),
  OTEL_METRICS_EXPORTER: oneOf(["otlp", "console", "none"], "otlp"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z._default(httpUrl, "http://localhost:4318"),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.optional(httpUrl),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: z.optional(httpUrl),
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TIMEOUT: number(1, 600_000, 10_000),
  OTEL_EXPORTER_OTLP_COMPRESSION: oneOf(["gzip", "none"], "none"),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLERS, "parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: number(0, 1, 1),
  OTEL_PROPAGATORS: propagators,
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: flag(false),
  RAG_DATA_DIR: z._default(z.string(), ".edge-rag"),
  AWS_LAMBDA_FUNCTION_NAME: z.optional(z.string()),
  IS_OFFLINE: flag(false),
});

/** Every setting of the process, checked and with its default. */
export interface Config {
  /** Where this process runs: on a laptop behind serverless-offline (or in tests), or on AWS Lambda. */
  runtime: "local" | "lambda";
  /** Folder of the embedded store. */
  dataDir: string;
  telemetry: TelemetryConfig;
}

export interface TelemetryConfig {
  enabled: boolean;
  serviceName: string;
  resourceAttributes: Record<string, string>;
  traces: "otlp" | "console" | "none";
  metrics: "otlp" | "console" | "none";
  endpoint: string;
  tracesEndpoint?: string;
  metricsEndpoint?: string;
  headers: Record<string, string>;
  timeoutMs: number;
  compression: "gzip" | "none";
  sampler: (typeof SAMPLERS)[number];
  samplerArg: number;
  propagators: readonly ("tracecontext" | "baggage")[];
  captureContent: boolean;
}

/**
 * Reads the settings. An empty value counts as not set, as the OpenTelemetry specification asks.
 *
 * @throws ConfigError naming every setting that is wrong, what is wrong with it, and never a secret's value.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const result = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)));
  if (!result.success) {
    throw new ConfigError(result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}.`).join("\n"));
  }
  const settings = result.data;
  const runtime = settings.AWS_LAMBDA_FUNCTION_NAME && !settings.IS_OFFLINE ? "lambda" : "local";
  if (runtime === "lambda") {
    throw new ConfigError(
      "The embedded embedder and store run on a laptop only, and this version has no providers for Lambda yet.",
    );
  }
  return { runtime, dataDir: settings.RAG_DATA_DIR, telemetry: toTelemetry(settings) };
}

function toTelemetry(settings: z.output<typeof environment>): TelemetryConfig {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: metricsEndpoint } =
    settings;
  return {
    enabled: settings.OTEL_ENABLED,
    serviceName: settings.OTEL_SERVICE_NAME,
    resourceAttributes: settings.OTEL_RESOURCE_ATTRIBUTES,
    traces: settings.OTEL_TRACES_EXPORTER,
    metrics: settings.OTEL_METRICS_EXPORTER,
    endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    ...(tracesEndpoint && { tracesEndpoint }),
    ...(metricsEndpoint && { metricsEndpoint }),
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
    timeoutMs: settings.OTEL_EXPORTER_OTLP_TIMEOUT,
    compression: settings.OTEL_EXPORTER_OTLP_COMPRESSION,
    sampler: settings.OTEL_TRACES_SAMPLER,
    samplerArg: settings.OTEL_TRACES_SAMPLER_ARG,
    propagators: settings.OTEL_PROPAGATORS,
    captureContent: settings.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT,
  };
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}

/** The pairs, or `undefined` when the text is not a list of them. */
function parsePairs(text: string): Record<string, string> | undefined {
  const result: Record<string, string> = {};
  for (const item of list(text)) {
    const separator = item.indexOf("=");
    if (separator < 1) return undefined;
    try {
      result[item.slice(0, separator).trim()] = decodeURIComponent(item.slice(separator + 1).trim());
    } catch {
      return undefined;
    }
  }
  return result;
}
