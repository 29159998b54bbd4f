import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { environment, readConfig } from "#config/env.ts";
import { errorOf } from "./_error-of.ts";

const SIGNALS = ["", "TRACES_", "METRICS_", "LOGS_"];
const perSignal = (option: string) => SIGNALS.map((signal) => `OTEL_EXPORTER_OTLP_${signal}${option}`);

/**
 * Every variable of the OpenTelemetry specification ("Environment Variable Specification" and "OpenTelemetry Protocol
 * Exporter"), of the semantic conventions, and of OpenTelemetry for JavaScript.
 */
const SPECIFIED = [
  ...["OTEL_SDK_DISABLED", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_LOG_LEVEL", "OTEL_PROPAGATORS"],
  ...["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_ENTITIES"],
  ...["BSP", "BLRP"].flatMap((processor) =>
    ["SCHEDULE_DELAY", "EXPORT_TIMEOUT", "MAX_QUEUE_SIZE", "MAX_EXPORT_BATCH_SIZE"].map(
      (option) => `OTEL_${processor}_${option}`,
    ),
  ),
  ...["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
  ...["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_EVENT_COUNT_LIMIT"],
  ...["OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"],
  ...["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT"],
  ...["ENDPOINT", "PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION", "INSECURE"].flatMap(perSignal),
  ...["CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"].flatMap(perSignal),
  ...["OTEL_EXPORTER_OTLP_SPAN_INSECURE", "OTEL_EXPORTER_OTLP_METRIC_INSECURE"],
  "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
  "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
  ...["OTEL_EXPORTER_ZIPKIN_ENDPOINT", "OTEL_EXPORTER_ZIPKIN_TIMEOUT", "OTEL_EXPORTER_ZIPKIN_PROTOCOL"],
  ...["OTEL_EXPORTER_PROMETHEUS_HOST", "OTEL_EXPORTER_PROMETHEUS_PORT"],
  ...["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"],
  ...["OTEL_METRICS_EXEMPLAR_FILTER", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT"],
  ...["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE", "OTEL_SEMCONV_STABILITY_OPT_IN"],
  ...["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "OTEL_NODE_RESOURCE_DETECTORS"],
  ...["OTEL_NODE_ENABLED_INSTRUMENTATIONS", "OTEL_NODE_DISABLED_INSTRUMENTATIONS"],
];

/** Variable → what happens, from the table in docs/OBSERVABILITY.md. */
const documented = new Map(
  [
    ...readFileSync("docs/OBSERVABILITY.md", "utf8").matchAll(/^\| (honoured|limited|refused|no effect) \|([^|]*)\|/gm),
  ].flatMap(([, effect = "", names = ""]) =>
    [...names.matchAll(/`(OTEL_[A-Z_]+)`/g)].map(([, name = ""]) => [name, effect] as const),
  ),
);
const namesOf = (effect: string) => [...documented].flatMap(([name, each]) => (each === effect ? [name] : []));

describe("of OpenTelemetry's own variables", () => {
  it("each is in the table of docs/OBSERVABILITY.md", () => {
    expect(SPECIFIED.filter((name) => !documented.has(name))).toEqual([]);
    expect([...documented.keys()].filter((name) => !SPECIFIED.includes(name))).toEqual([]);
  });

  it.each(namesOf("no effect"))("%s changes nothing", (name) => {
    for (const value of ["1", "true", "none", "anything"])
      expect(readConfig({ [name]: value })).toEqual(readConfig({}));
  });

  it.each(namesOf("refused"))("%s stops the start, in one line with what to do instead", (name) => {
    expect(errorOf({ [name]: "anything" })).toMatch(new RegExp(`^${name}: is not supported: set .+\\.$`));
    expect(readConfig({ [name]: "" })).toEqual(readConfig({}));
  });

  it.each([...namesOf("honoured"), ...namesOf("limited")])("%s is read", (name) => {
    expect(Object.keys(environment.shape)).toContain(name);
  });

  it.each<[name: string, values: string[], error: string]>([
    [
      "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
      ["explicit_bucket_histogram", "EXPLICIT_BUCKET_HISTOGRAM"],
      "must be explicit_bucket_histogram: dashboard and alerts query its buckets.",
    ],
    [
      "OTEL_METRICS_EXEMPLAR_FILTER",
      ["trace_based", "always_off", "Always_Off"],
      "must be trace_based or always_off: exemplars are made by the collector, from sampled traces.",
    ],
  ])("%s accepts only what is the case anyway", (name, values, error) => {
    expect(namesOf("limited")).toContain(name);
    for (const value of values) expect(readConfig({ [name]: value })).toEqual(readConfig({}));
    for (const value of ["base2_exponential_bucket_histogram", "always_on"]) {
      expect(errorOf({ [name]: value })).toBe(`${name}: ${error}`);
    }
  });
});

it("grpc is refused for all signals and for one, with what to set instead", () => {
  for (const name of ["", "TRACES_", "METRICS_"].map((signal) => `OTEL_EXPORTER_OTLP_${signal}PROTOCOL`)) {
    for (const value of ["grpc", "http", "protobuf"]) {
      expect(errorOf({ [name]: value })).toBe(
        `${name}: must be http/protobuf or http/json; grpc is not supported: set http/protobuf and the URL of the collector's OTLP/HTTP port, usually 4318.`,
      );
    }
    expect(readConfig({ [name]: "HTTP/Protobuf" }).telemetry).toMatchObject(
      name === "OTEL_EXPORTER_OTLP_PROTOCOL" ? { protocol: "http/protobuf" } : { signals: {} },
    );
  }
});

describe("OTEL_SDK_DISABLED", () => {
  it.each(["true", "TRUE", " True "])(
    "%j turns telemetry off, whatever the other settings are",
    (OTEL_SDK_DISABLED) => {
      const { telemetry } = readConfig({ OTEL_SDK_DISABLED, OTEL_ENABLED: "true", OTEL_TRACES_SAMPLER: "invalid" });
      expect(telemetry.enabled).toBe(false);
    },
  );

  it.each(["false", "FALSE", ""])("%j does not", (OTEL_SDK_DISABLED) => {
    expect(readConfig({ OTEL_SDK_DISABLED }).telemetry.enabled).toBe(true);
    expect(readConfig({ OTEL_SDK_DISABLED, OTEL_ENABLED: "false" }).telemetry.enabled).toBe(false);
  });

  it("is a Boolean of the specification: 1 is not true", () => {
    for (const value of ["1", "yes"]) {
      expect(errorOf({ OTEL_SDK_DISABLED: value })).toBe("OTEL_SDK_DISABLED: must be one of true, false.");
    }
  });
});

it("enums are read in upper and lower case, and propagators once each", () => {
  const { telemetry } = readConfig({
    OTEL_TRACES_EXPORTER: "NONE",
    OTEL_METRICS_EXPORTER: "Console",
    OTEL_TRACES_SAMPLER: "Always_Off",
    OTEL_EXPORTER_OTLP_COMPRESSION: "GZIP",
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "CUMULATIVE",
    OTEL_PROPAGATORS: "baggage,tracecontext,baggage",
  });
  expect(telemetry).toMatchObject({
    ...{ traces: "none", metrics: "console", sampler: "always_off", compression: "gzip", temporality: "cumulative" },
    propagators: ["baggage", "tracecontext"],
  });
});

it("a time-out of 0 is the longest one", () => {
  expect(readConfig({ OTEL_EXPORTER_OTLP_TIMEOUT: "0" }).telemetry.timeoutMs).toBe(600_000);
  for (const name of ["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"]) {
    for (const value of ["-1", "soon", "600001"]) {
      expect(errorOf({ [name]: value })).toBe(`${name}: must be a number from 1 to 600000.`);
    }
  }
});

it("keys of resource attributes and headers are percent-decoded as their values are", () => {
  const { resourceAttributes } = readConfig({ OTEL_RESOURCE_ATTRIBUTES: "a%20key=a%3Db%2Cc%25" }).telemetry;
  expect(resourceAttributes).toEqual({ "a key": "a=b,c%" });
  expect(errorOf({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: "a%20b=c" })).toBe(
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS: must be valid HTTP header names and values.",
  );
});

it.each(["Host", "content-length", "Content-Type", "content-encoding", "transfer-encoding", "connection"])(
  "the header %s is refused: it would break the request",
  (header) => {
    for (const name of ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"]) {
      expect(errorOf({ [name]: `x-own=1,${header}=0` })).toBe(
        `${name}: must not set host, connection, transfer-encoding, or content-length, -type or -encoding: the exporter sets them.`,
      );
    }
  },
);

it.each(["-1", "1.5", "many"])("a limit of %s is refused", (value) => {
  expect(errorOf({ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: value })).toBe(
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: must be a whole number from 0 to 2147483647.",
  );
});
