import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "#config/env.ts";

function errorOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error("the settings were accepted");
}

describe("readConfig", () => {
  it("needs no setting on a laptop", () => {
    expect(readConfig({})).toEqual({
      runtime: "local",
      dataDir: ".edge-rag",
      telemetry: {
        enabled: true,
        serviceName: "edge-rag",
        resourceAttributes: {},
        traces: "otlp",
        metrics: "otlp",
        endpoint: "http://localhost:4318",
        headers: {},
        timeoutMs: 10_000,
        compression: "none",
        sampler: "parentbased_always_on",
        samplerArg: 1,
        propagators: ["tracecontext", "baggage"],
        captureContent: false,
      },
    });
  });

  it("counts an empty value as not set", () => {
    expect(readConfig({ OTEL_TRACES_SAMPLER: "", OTEL_ENABLED: "", RAG_DATA_DIR: "" })).toEqual(readConfig({}));
  });

  it("reads the standard OpenTelemetry names", () => {
    const { telemetry } = readConfig({
      OTEL_ENABLED: "false",
      OTEL_SERVICE_NAME: "docs",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=pr-7,team=a%20b",
      OTEL_TRACES_EXPORTER: "console",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example/otlp",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/v1/traces",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://metrics.example/v1/metrics",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20abc==,x-tenant=1",
      OTEL_EXPORTER_OTLP_TIMEOUT: "500",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.1",
      OTEL_PROPAGATORS: "tracecontext",
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true",
    });
    expect(telemetry).toEqual({
      enabled: false,
      serviceName: "docs",
      resourceAttributes: { "deployment.environment.name": "pr-7", team: "a b" },
      traces: "console",
      metrics: "none",
      endpoint: "https://collector.example/otlp",
      tracesEndpoint: "https://traces.example/v1/traces",
      metricsEndpoint: "https://metrics.example/v1/metrics",
      headers: { authorization: "Basic abc==", "x-tenant": "1" },
      timeoutMs: 500,
      compression: "gzip",
      sampler: "traceidratio",
      samplerArg: 0.1,
      propagators: ["tracecontext"],
      captureContent: true,
    });
  });

  it("takes none as no propagator", () => {
    expect(readConfig({ OTEL_PROPAGATORS: "none" }).telemetry.propagators).toEqual([]);
  });

  it("names every wrong setting at once, a line each", () => {
    const message = errorOf({
      OTEL_ENABLED: "maybe",
      OTEL_TRACES_SAMPLER: "sometimes",
      OTEL_TRACES_SAMPLER_ARG: "2",
      OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
      OTEL_PROPAGATORS: "b3",
      OTEL_EXPORTER_OTLP_TIMEOUT: "soon",
    });
    const names = message.split("\n").map((line) => line.split(":")[0]);
    expect(names.toSorted()).toEqual([
      "OTEL_ENABLED",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_EXPORTER_OTLP_TIMEOUT",
      "OTEL_PROPAGATORS",
      "OTEL_TRACES_SAMPLER",
      "OTEL_TRACES_SAMPLER_ARG",
    ]);
    expect(message).toContain('OTEL_ENABLED: must be "true" or "false".');
    expect(message).toContain("OTEL_EXPORTER_OTLP_ENDPOINT: must be an http or https URL.");
  });

  it.each(["authorization", "=x", "a=%"])("refuses %j as headers without repeating it", (headers) => {
    const message = errorOf({ OTEL_EXPORTER_OTLP_HEADERS: headers });
    expect(message).toBe("OTEL_EXPORTER_OTLP_HEADERS: must be key=value pairs separated by commas.");
  });

  it("refuses to run the laptop's parts on Lambda, and knows serverless-offline for a laptop", () => {
    expect(errorOf({ AWS_LAMBDA_FUNCTION_NAME: "query" })).toContain("laptop only");
    expect(readConfig({ AWS_LAMBDA_FUNCTION_NAME: "query", IS_OFFLINE: "true" }).runtime).toBe("local");
  });
});
